-- First records of order ids whose SHA-256 begins with one of the given numbers.
WITH (SELECT groupArray((ledger, partition, first, end)) FROM gaps) AS holes
SELECT order_id, partition, min(offset) AS first
FROM orders FINAL
WHERE ledger = {ledger:UInt64} AND verdict != 'duplicate'
  AND bitShiftRight(reinterpretAsUInt64(reverse(substring(SHA256(order_id), 1, 8))), {shift:UInt8})
      IN (SELECT arrayJoin({heads:Array(UInt64)}))
  AND (empty(holes) OR NOT arrayExists(h -> h.1 = ledger AND h.2 = partition AND offset >= h.3 AND offset < h.4, holes))
GROUP BY order_id, partition
ORDER BY order_id, partition
