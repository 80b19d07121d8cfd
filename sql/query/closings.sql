-- The oldest closing of the ledger.
SELECT closing_ms, reason, frame_hash, frame_json
FROM closings
WHERE ledger = {ledger:UInt64}
ORDER BY closing_ms
LIMIT 1
