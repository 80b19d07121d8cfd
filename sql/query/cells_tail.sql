-- Rows above the position of their partition, progress among them; one SELECT is one snapshot. It reads the table itself
-- and not cells_now because FINAL would merge the whole history: rows at or below a position cannot win over rows above it,
-- so the highest revision is picked among these alone. The second condition follows from the first; it is written as the
-- index tail has it, so that granules without news are not read. f0 to f15: the lowest position of each class of partitions.
-- The condition on the era is that of cells_now.
WITH (SELECT groupArray((ledger, partition, segment)) FROM gaps) AS cuts
SELECT window, toUInt8(dim), partition, segment, bucket, revision, key,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen
FROM cells
WHERE ledger = {ledger:UInt64}
  AND revision > transform(partition, {partitions:Array(Int32)}, {positions:Array(UInt64)}, toUInt64(18446744073709551615))
  AND (if(bitAnd(partition, 15) = 0, revision, 0) > {f0:UInt64}
    OR if(bitAnd(partition, 15) = 1, revision, 0) > {f1:UInt64}
    OR if(bitAnd(partition, 15) = 2, revision, 0) > {f2:UInt64}
    OR if(bitAnd(partition, 15) = 3, revision, 0) > {f3:UInt64}
    OR if(bitAnd(partition, 15) = 4, revision, 0) > {f4:UInt64}
    OR if(bitAnd(partition, 15) = 5, revision, 0) > {f5:UInt64}
    OR if(bitAnd(partition, 15) = 6, revision, 0) > {f6:UInt64}
    OR if(bitAnd(partition, 15) = 7, revision, 0) > {f7:UInt64}
    OR if(bitAnd(partition, 15) = 8, revision, 0) > {f8:UInt64}
    OR if(bitAnd(partition, 15) = 9, revision, 0) > {f9:UInt64}
    OR if(bitAnd(partition, 15) = 10, revision, 0) > {f10:UInt64}
    OR if(bitAnd(partition, 15) = 11, revision, 0) > {f11:UInt64}
    OR if(bitAnd(partition, 15) = 12, revision, 0) > {f12:UInt64}
    OR if(bitAnd(partition, 15) = 13, revision, 0) > {f13:UInt64}
    OR if(bitAnd(partition, 15) = 14, revision, 0) > {f14:UInt64}
    OR if(bitAnd(partition, 15) = 15, revision, 0) > {f15:UInt64})
  AND era = if(empty(cuts), 0, arrayCount(c -> c.1 = ledger AND c.2 = partition AND (dim = 'progress' OR c.3 <= segment), cuts))
ORDER BY revision DESC
LIMIT 1 BY window, dim, key, bucket, partition, segment
