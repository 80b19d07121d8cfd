-- What directors changed on the walls: appended, never changed. The newest value of a wall's field stands.
CREATE TABLE IF NOT EXISTS wall_changes (
    ledger UInt64,
    wall   String,
    field  String COMMENT 'scene, celebrate, motion, language, share, ranking, currency or frozen',
    at_ms  Int64,
    who    String,
    value  String COMMENT 'empty: as each screen has it by itself; of frozen a Unix second'
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, wall, field, at_ms, who, value);
