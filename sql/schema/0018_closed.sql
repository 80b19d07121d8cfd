-- Closings whose final frame was official: noted by serve once the store has the frame. closings itself holds offers, some of them
-- void, so that it cannot tell an offer that came to nothing from a close whose frames somebody has taken away.
CREATE TABLE IF NOT EXISTS closed (
    ledger      UInt64,
    closing_ms  Int64,
    second      Int64 COMMENT 'of the final frame, Unix seconds',
    frame_hash  String COMMENT 'of the final frame',
    who         String,
    recorded_ms Int64
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, closing_ms, frame_hash);
