-- What the duplicate rule compares, of one partition from an offset to before another. Double rows do no harm in a set: no FINAL.
WITH (SELECT groupArray((ledger, partition, first, end)) FROM gaps) AS holes
SELECT order_id, toUInt8(status), refund_id
FROM orders
WHERE ledger = {ledger:UInt64} AND partition = {partition:Int32} AND offset >= {from:Int64} AND offset < {before:Int64}
  AND (empty(holes) OR NOT arrayExists(h -> h.1 = ledger AND h.2 = partition AND offset >= h.3 AND offset < h.4, holes))
