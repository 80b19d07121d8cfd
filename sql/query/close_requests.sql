-- The oldest request that was made since and has no answer.
SELECT request_ms, who, anyway
FROM close_requests FINAL
WHERE ledger = {ledger:UInt64} AND request_ms >= {since:Int64}
  AND request_ms NOT IN (SELECT request_ms FROM close_answers WHERE ledger = {ledger:UInt64})
ORDER BY request_ms, who
LIMIT 1
