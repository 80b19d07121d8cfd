-- Cells: absolute values of (window, partition, segment, dim, key, bucket) as of a revision. The highest revision of a
-- cell wins; revisions and values of finished segments never change. No PARTITION BY and no view hangs on this table:
-- one insert is one block is one part, so a reader sees all of a flush or none. Read it through cells_now.
--
-- Sort key: one key over a day is one range; all keys at one moment is one small range a key. The newest rows lie in the
-- newest parts, and the index tail finds them: per granule the highest revision of each of 16 classes of partitions
-- (partition modulo 16), so that a partition that stands still does not make every tail read the history of the others.
CREATE TABLE IF NOT EXISTS cells (
    ledger        UInt64,
    dim           Enum8('total' = 1, 'device' = 2, 'country' = 3, 'province' = 4, 'city' = 5, 'category' = 6,
                        'marketplace' = 7, 'channel' = 8, 'flow' = 9, 'merchant' = 10, 'log' = 11, 'progress' = 12),
    key           String,
    bucket        Int64 COMMENT 'Unix second at which the bucket begins, 0 for none',
    window        UInt8 COMMENT 'index into the windows of the ledger''s document, 255 for none',
    partition     Int32,
    segment       Int64,
    revision      UInt64 COMMENT 'the value holds the partition''s log up to here (next offset to read), never past the segment',
    orders        Int64 COMMENT 'paid events; dim log: records; dim progress: base offset of the last batch counted',
    gmv_fen       Int64 COMMENT 'dim progress: CRC of that batch',
    mobile_orders Int64 COMMENT 'dim progress: leader epoch of that batch',
    mobile_gmv_fen Int64 COMMENT 'dim progress: Kafka time of the last record read',
    created       Int64 COMMENT 'dim progress: largest event time',
    refunds       Int64,
    refund_fen    Int64,
    INDEX tail (
        if(bitAnd(partition, 15) = 0, revision, 0),
        if(bitAnd(partition, 15) = 1, revision, 0),
        if(bitAnd(partition, 15) = 2, revision, 0),
        if(bitAnd(partition, 15) = 3, revision, 0),
        if(bitAnd(partition, 15) = 4, revision, 0),
        if(bitAnd(partition, 15) = 5, revision, 0),
        if(bitAnd(partition, 15) = 6, revision, 0),
        if(bitAnd(partition, 15) = 7, revision, 0),
        if(bitAnd(partition, 15) = 8, revision, 0),
        if(bitAnd(partition, 15) = 9, revision, 0),
        if(bitAnd(partition, 15) = 10, revision, 0),
        if(bitAnd(partition, 15) = 11, revision, 0),
        if(bitAnd(partition, 15) = 12, revision, 0),
        if(bitAnd(partition, 15) = 13, revision, 0),
        if(bitAnd(partition, 15) = 14, revision, 0),
        if(bitAnd(partition, 15) = 15, revision, 0)
    ) TYPE minmax GRANULARITY 4
) ENGINE = ReplacingMergeTree(revision)
ORDER BY (ledger, dim, key, bucket, window, partition, segment);

-- The one place where the highest revision is picked.
CREATE VIEW IF NOT EXISTS cells_now AS SELECT * FROM cells FINAL;

-- Seals of finished segments. A seal is a pure function of the log, so double rows are identical.
CREATE TABLE IF NOT EXISTS seals (
    ledger       UInt64,
    partition    Int32,
    segment      Int64,
    first        Int64,
    end          Int64 COMMENT 'first offset after the segment',
    cells        Int64,
    last_ms      Int64 COMMENT 'not hashed',
    max_event_ms Int64 COMMENT 'not hashed',
    prev         FixedString(32),
    hash         FixedString(32)
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, partition, segment);

-- What ingest last saw of each partition's end.
CREATE TABLE IF NOT EXISTS pulse (
    ledger         UInt64,
    partition      Int32,
    stable_end     Int64,
    high_watermark Int64,
    at_ms          UInt64,
    stopped        String
) ENGINE = ReplacingMergeTree(at_ms)
ORDER BY (ledger, partition);
