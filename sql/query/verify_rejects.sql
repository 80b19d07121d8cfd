-- Rejects of one partition's offsets [from, to), one row per offset.
SELECT partition, offset, kafka_ms, toString(reason) AS reason, length, sha256, key, value, rehearsal
FROM rejects FINAL
WHERE ledger = {ledger:UInt64} AND partition = {partition:Int32} AND offset >= {from:Int64} AND offset < {to:Int64}
ORDER BY offset
