SELECT process, toInt64(at_ms) AS at_ms, json
FROM reports FINAL
WHERE ledger = {ledger:UInt64} AND at_ms >= {since:UInt64}
ORDER BY process
