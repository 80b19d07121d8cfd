SELECT topic_id, signed_by, reason, at_ms, world, hash
FROM topic_ids
WHERE ledger = {ledger:UInt64}
ORDER BY at_ms, signed_by, topic_id
