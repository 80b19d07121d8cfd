-- Rows above the position of their partition, progress among them; one SELECT is one snapshot. It reads the table itself
-- and not cells_now because FINAL would merge the whole history: rows at or below a position cannot win over rows above it,
-- so the highest revision is picked among these alone. The second condition follows from the first; it is written as the
-- index tail has it, so that granules without news are not read. floors: the lowest position of each class of partitions.
SELECT window, toUInt8(dim), partition, segment, bucket, revision, key,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen
FROM cells
WHERE ledger = {ledger:UInt64}
  AND revision > transform(partition, {partitions:Array(Int32)}, {positions:Array(UInt64)}, toUInt64(18446744073709551615))
  AND (if(bitAnd(partition, 15) = 0, revision, 0) > {floors:Array(UInt64)}[1]
    OR if(bitAnd(partition, 15) = 1, revision, 0) > {floors:Array(UInt64)}[2]
    OR if(bitAnd(partition, 15) = 2, revision, 0) > {floors:Array(UInt64)}[3]
    OR if(bitAnd(partition, 15) = 3, revision, 0) > {floors:Array(UInt64)}[4]
    OR if(bitAnd(partition, 15) = 4, revision, 0) > {floors:Array(UInt64)}[5]
    OR if(bitAnd(partition, 15) = 5, revision, 0) > {floors:Array(UInt64)}[6]
    OR if(bitAnd(partition, 15) = 6, revision, 0) > {floors:Array(UInt64)}[7]
    OR if(bitAnd(partition, 15) = 7, revision, 0) > {floors:Array(UInt64)}[8]
    OR if(bitAnd(partition, 15) = 8, revision, 0) > {floors:Array(UInt64)}[9]
    OR if(bitAnd(partition, 15) = 9, revision, 0) > {floors:Array(UInt64)}[10]
    OR if(bitAnd(partition, 15) = 10, revision, 0) > {floors:Array(UInt64)}[11]
    OR if(bitAnd(partition, 15) = 11, revision, 0) > {floors:Array(UInt64)}[12]
    OR if(bitAnd(partition, 15) = 12, revision, 0) > {floors:Array(UInt64)}[13]
    OR if(bitAnd(partition, 15) = 13, revision, 0) > {floors:Array(UInt64)}[14]
    OR if(bitAnd(partition, 15) = 14, revision, 0) > {floors:Array(UInt64)}[15]
    OR if(bitAnd(partition, 15) = 15, revision, 0) > {floors:Array(UInt64)}[16])
ORDER BY revision DESC
LIMIT 1 BY window, dim, key, bucket, partition, segment
