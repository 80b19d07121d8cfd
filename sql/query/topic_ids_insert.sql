INSERT INTO topic_ids (ledger, topic_id, signed_by, reason, at_ms, world, hash)
