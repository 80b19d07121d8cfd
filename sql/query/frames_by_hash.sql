SELECT second, seq, hash, json
FROM frames FINAL
WHERE ledger = {ledger:UInt64} AND hash = {hash:String}
LIMIT 1
