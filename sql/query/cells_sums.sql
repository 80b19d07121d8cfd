-- Sums over finished segments: those below the first unfinished one of their partition.
SELECT window, toUInt8(dim), toInt32(0), toInt64(0), if(dim = 'total', bucket, 0) AS second, toUInt64(0), key,
    sum(orders) AS orders, sum(gmv_fen) AS gmv_fen, sum(mobile_orders) AS mobile_orders,
    sum(mobile_gmv_fen) AS mobile_gmv_fen, sum(created) AS created, sum(refunds) AS refunds, sum(refund_fen) AS refund_fen
FROM cells_now
WHERE ledger = {ledger:UInt64} AND dim != 'progress'
  AND segment < transform(partition, {partitions:Array(Int32)}, {finished:Array(Int64)}, toInt64(0))
GROUP BY window, dim, key, second
