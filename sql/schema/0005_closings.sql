-- Closing cells: the sums at close over all segments, by partition. They count only if closings has their ledger and
-- closing_ms: that row is written last.
CREATE TABLE IF NOT EXISTS closing_cells (
    ledger         UInt64,
    closing_ms     Int64,
    dim            Enum8('total' = 1, 'device' = 2, 'country' = 3, 'province' = 4, 'city' = 5, 'category' = 6,
                         'marketplace' = 7, 'channel' = 8, 'flow' = 9, 'merchant' = 10, 'log' = 11, 'progress' = 12),
    key            String,
    bucket         Int64,
    window         UInt8,
    partition      Int32,
    segment        Int64,
    revision       UInt64,
    orders         Int64,
    gmv_fen        Int64,
    mobile_orders  Int64,
    mobile_gmv_fen Int64,
    created        Int64,
    refunds        Int64,
    refund_fen     Int64
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, closing_ms, dim, key, bucket, window, partition, segment);

CREATE TABLE IF NOT EXISTS closing_seals (
    ledger       UInt64,
    closing_ms   Int64,
    partition    Int32,
    segment      Int64,
    first        Int64,
    end          Int64 COMMENT 'the closing position',
    cells        Int64,
    last_ms      Int64,
    max_event_ms Int64,
    prev         FixedString(32),
    hash         FixedString(32)
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, closing_ms, partition);

-- Closings: the oldest row of a ledger is its close.
CREATE TABLE IF NOT EXISTS closings (
    ledger     UInt64,
    closing_ms Int64,
    reason     String COMMENT 'of --anyway, else empty',
    frame_hash String COMMENT 'of the final frame',
    frame_json String CODEC(ZSTD(1))
) ENGINE = MergeTree ORDER BY (ledger, closing_ms);
