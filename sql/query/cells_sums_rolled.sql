-- As cells_sums: rolled-up segments from their hours, total by its seconds.
WITH {guard:String} = toString(arraySort(arrayFilter(c -> c.1 = {ledger:UInt64}, (SELECT groupArray((ledger, partition, segment)) FROM gaps)))) AS same
SELECT window, toUInt8(dim), toInt32(0), toInt64(0), if(dim = 'total', bucket, 0) AS second, toUInt64(0), key,
    sum(o) AS orders, sum(g) AS gmv_fen, sum(mo) AS mobile_orders,
    sum(mg) AS mobile_gmv_fen, sum(c) AS created, sum(r) AS refunds, sum(rf) AS refund_fen
FROM (
    SELECT window, dim, bucket, key, orders AS o, gmv_fen AS g, mobile_orders AS mo, mobile_gmv_fen AS mg, created AS c, refunds AS r, refund_fen AS rf
    FROM rollup_cells
    WHERE ledger = {ledger:UInt64} AND same AND has({runs:Array(UInt64)}, run)
      AND (grain = 0 AND dim IN ('total', 'merchant', 'log') OR grain = 3600 AND dim NOT IN ('total', 'merchant', 'log'))
    UNION ALL
    SELECT window, dim, bucket, key, orders AS o, gmv_fen AS g, mobile_orders AS mo, mobile_gmv_fen AS mg, created AS c, refunds AS r, refund_fen AS rf
    FROM cells_now
    WHERE ledger = {ledger:UInt64} AND dim != 'progress' AND {{beyond}}
      AND segment < transform(partition, {named:Array(Int32)}, {finished:Array(Int64)}, toInt64(0))
)
GROUP BY window, dim, key, second
