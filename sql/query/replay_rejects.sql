-- What counting needs of the rejects of one partition's offsets [from, to): their bytes are not counted.
WITH (SELECT groupArray((ledger, partition, first, end)) FROM gaps) AS holes
SELECT offset, kafka_ms, toString(reason) AS reason, rehearsal
FROM rejects FINAL
WHERE ledger = {ledger:UInt64} AND partition = {partition:Int32} AND offset >= {from:Int64} AND offset < {to:Int64}
  AND (empty(holes) OR NOT arrayExists(h -> h.1 = ledger AND h.2 = partition AND offset >= h.3 AND offset < h.4, holes))
ORDER BY offset
