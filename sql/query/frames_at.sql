-- The official frame of a second, or the last one before it.
SELECT second, seq, hash, json
FROM frames FINAL
WHERE ledger = {ledger:UInt64} AND window = {window:String} AND second <= {second:Int64}
ORDER BY second DESC
LIMIT 1
