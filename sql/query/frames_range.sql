SELECT second, seq, hash, json
FROM frames FINAL
WHERE ledger = {ledger:UInt64} AND window = {window:String} AND second >= {from:Int64} AND second < {to:Int64}
ORDER BY second
