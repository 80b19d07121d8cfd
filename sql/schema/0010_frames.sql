-- The frames topic of a ledger's serves. Once there is one, a serve without it would make a chain of its own: it is refused.
CREATE TABLE IF NOT EXISTS frame_topics (
    ledger      UInt64,
    topic       String,
    recorded_ms Int64
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, topic, recorded_ms);
