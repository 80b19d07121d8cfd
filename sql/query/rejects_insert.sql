INSERT INTO rejects (ledger, partition, offset, kafka_ms, reason, length, sha256, key, value, rehearsal)
