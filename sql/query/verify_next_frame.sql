-- The first official frame of the whole festival from a second on.
SELECT second, seq, hash, json
FROM frames FINAL
WHERE ledger = {ledger:UInt64} AND window = '' AND second >= {second:Int64}
ORDER BY second
LIMIT 1
