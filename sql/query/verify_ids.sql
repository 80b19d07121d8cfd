-- The order ids of single raw orders of one partition.
SELECT offset, order_id
FROM orders FINAL
WHERE ledger = {ledger:UInt64} AND partition = {partition:Int32} AND offset IN (SELECT arrayJoin({offsets:Array(Int64)}))
