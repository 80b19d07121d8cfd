-- The newest official frame that a recount found right and none found wrong.
SELECT second, frame_hash
FROM verifications
WHERE ledger = {ledger:UInt64}
GROUP BY second, frame_hash
HAVING min(equal) = 1
ORDER BY second DESC
LIMIT 1
