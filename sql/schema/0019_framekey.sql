-- Keys by which the serves of a ledger sign what they append to the frames topic: append-only, usually one. Whoever reads this table
-- can sign official frames. A signature by any of them is good; new ones are made with the first of (recorded_ms, secret).
CREATE TABLE IF NOT EXISTS frame_keys (
    ledger      UInt64,
    secret      String COMMENT '64 lower hex digits',
    recorded_ms Int64
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, recorded_ms, secret);
