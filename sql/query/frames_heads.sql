-- The official frames of the seconds [from, to) without their bytes. Not FINAL: two frames of one second are both seen.
SELECT DISTINCT second, seq, hash
FROM frames
WHERE ledger = {ledger:UInt64} AND window = {window:String} AND second >= {from:Int64} AND second < {to:Int64}
ORDER BY second
