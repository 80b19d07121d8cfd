SELECT answer
FROM close_answers FINAL
WHERE ledger = {ledger:UInt64} AND request_ms = {request_ms:Int64}
ORDER BY answer_ms
LIMIT 1
