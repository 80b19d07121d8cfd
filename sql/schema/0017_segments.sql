-- Which segments a granule of cells has: so that a reader of a roll-up passes over what is rolled up. Segment is in the sort
-- key, so of the rows of one cell all are passed over or none, and FINAL picks the same one.
ALTER TABLE cells ADD INDEX IF NOT EXISTS segments segment TYPE minmax GRANULARITY 1;
ALTER TABLE cells MATERIALIZE INDEX segments;
