SELECT partition, segment, first, end, cells, last_ms, max_event_ms, prev, hash
FROM closing_seals FINAL
WHERE ledger = {ledger:UInt64} AND closing_ms = {closing_ms:Int64}
ORDER BY partition
