-- Official frames: immutable, the bytes that were shown. Several serve processes store the same bytes.
CREATE TABLE IF NOT EXISTS frames (
    ledger UInt64,
    window String COMMENT 'window id, empty: the whole festival',
    second Int64,
    seq    Int64,
    hash   String COMMENT '64 lower hex digits',
    json   String CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, window, second);

-- Milestone records: appended, never changed; the newest event_second stands, each move is a record.
CREATE TABLE IF NOT EXISTS milestones (
    ledger        UInt64,
    window        String,
    threshold_fen Int64,
    kind          Enum8('on_air' = 1, 'event' = 2, 'correction' = 3),
    second        Int64,
    frame_hash    String,
    recorded_ms   Int64
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, window, threshold_fen, recorded_ms, kind, second, frame_hash);

-- Verification records: each names an official frame.
CREATE TABLE IF NOT EXISTS verifications (
    ledger      UInt64,
    second      Int64,
    frame_hash  String,
    recorded_ms Int64,
    source      String COMMENT 'kafka or orders',
    equal       UInt8 COMMENT '1 where the recount gave the same figures',
    detail      String
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, second, recorded_ms, frame_hash, source);
