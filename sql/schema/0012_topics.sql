-- The ids of a ledger's topic, append-only: the first is noted when the ledger is first seen on a broker that tells it, each later one
-- an operator has signed off. The newest is the ledger's; any other one means that the topic was deleted and made anew.
CREATE TABLE IF NOT EXISTS topic_ids (
    ledger    UInt64,
    topic_id  String COMMENT '32 lower hex digits (KIP-516)',
    signed_by String COMMENT 'empty: noted by a program',
    reason    String,
    at_ms     Int64
) ENGINE = MergeTree ORDER BY (ledger, at_ms, topic_id);
