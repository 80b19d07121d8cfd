-- Rejects of one partition's offsets [from, to), one row per offset.
WITH (SELECT groupArray((ledger, partition, first, end)) FROM gaps) AS holes
SELECT partition, offset, kafka_ms, toString(reason) AS reason, length, sha256, key, value, rehearsal
FROM rejects FINAL
WHERE ledger = {ledger:UInt64} AND partition = {partition:Int32} AND offset >= {from:Int64} AND offset < {to:Int64}
  AND (empty(holes) OR NOT arrayExists(h -> h.1 = ledger AND h.2 = partition AND offset >= h.3 AND offset < h.4, holes))
ORDER BY offset
