-- As series: rolled-up segments from their run, the others from cells.
WITH {guard:String} = toString(arraySort(arrayFilter(c -> c.1 = {ledger:UInt64}, (SELECT groupArray((ledger, partition, segment)) FROM gaps)))) AS same
SELECT toInt64(intDiv(bucket - {origin:Int64}, {step:Int64}) * {step:Int64} + {origin:Int64}) AS t,
    sum(o) AS orders, sum(g) AS gmv_fen, sum(mo) AS mobile_orders,
    sum(mg) AS mobile_gmv_fen, sum(c) AS created, sum(r) AS refunds, sum(rf) AS refund_fen
FROM (
    SELECT bucket, orders AS o, gmv_fen AS g, mobile_orders AS mo, mobile_gmv_fen AS mg, created AS c, refunds AS r, refund_fen AS rf
    FROM rollup_cells
    WHERE ledger = {ledger:UInt64} AND same AND has({runs:Array(UInt64)}, run) AND grain = {grain:UInt16} AND dim = {dim:String} AND key = {key:String}
      AND bucket >= {from:Int64} AND bucket < {to:Int64} AND ({window:UInt8} = 255 OR window = {window:UInt8})
    UNION ALL
    SELECT bucket, orders AS o, gmv_fen AS g, mobile_orders AS mo, mobile_gmv_fen AS mg, created AS c, refunds AS r, refund_fen AS rf
    FROM cells_now
    WHERE ledger = {ledger:UInt64} AND dim = {dim:String} AND key = {key:String}
      AND bucket >= {from:Int64} AND bucket < {to:Int64} AND ({window:UInt8} = 255 OR window = {window:UInt8}) AND {{beyond}}
)
GROUP BY t
HAVING orders != 0 OR gmv_fen != 0 OR created != 0 OR refunds != 0
ORDER BY t
