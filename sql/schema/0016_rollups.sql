-- Roll-ups: sums of cells of sealed segments over all partitions, so that a day of history is one row a second and key
-- instead of one a second, key, partition and segment. They are derived: cells stay, and what is not rolled up is read from
-- there. Nothing counts until a row of rollups names its run; the newest row of a ledger names all runs that count, which
-- together hold exactly the segments below ends. A sign-off of a gap voids all roll-ups made before it (guard).
--
-- One partition a run: a run that nothing names any more is dropped whole. Short granules: a breakdown of a moment reads one
-- or two of each key.
CREATE TABLE IF NOT EXISTS rollup_cells (
    ledger         UInt64,
    run            UInt64 COMMENT 'Unix milliseconds * 65536 + a random number',
    grain          UInt16 COMMENT 'seconds of the bucket: 60, 3600, or 0 for the buckets that cells have',
    dim            Enum8('total' = 1, 'device' = 2, 'country' = 3, 'province' = 4, 'city' = 5, 'category' = 6,
                         'marketplace' = 7, 'channel' = 8, 'flow' = 9, 'merchant' = 10, 'log' = 11, 'progress' = 12),
    key            String,
    bucket         Int64,
    window         UInt8,
    orders         Int64,
    gmv_fen        Int64,
    mobile_orders  Int64,
    mobile_gmv_fen Int64,
    created        Int64,
    refunds        Int64,
    refund_fen     Int64
) ENGINE = MergeTree
PARTITION BY run
ORDER BY (ledger, grain, dim, key, bucket, window)
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS rollups (
    ledger   UInt64,
    made_ms  Int64 COMMENT 'Unix milliseconds; the newest row counts',
    guard    String COMMENT 'the gaps of the ledger when it was made',
    document String COMMENT 'JSON: runs, rows of each, and by partition: the first segment that is not in them, its first offset'
) ENGINE = MergeTree
ORDER BY (ledger, made_ms);
