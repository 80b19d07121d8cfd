-- The official frames from a second on without their bytes. Not FINAL: two frames of one second are both seen.
SELECT DISTINCT second, seq, hash
FROM frames
WHERE ledger = {ledger:UInt64} AND window = {window:String} AND second >= {from:Int64}
ORDER BY second, hash
LIMIT {limit:UInt64}
