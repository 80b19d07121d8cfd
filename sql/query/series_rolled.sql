-- As series, but in no order and a time perhaps twice, which is merged by whoever reads it: rolled-up segments from their
-- runs as they are (to group them would cost more than to read them), the others from cells.
WITH {guard:String} = toString(arraySort(arrayFilter(c -> c.1 = {ledger:UInt64}, (SELECT groupArray((ledger, partition, segment)) FROM gaps)))) AS same
SELECT t, o, g, mo, mg, c, r, rf
FROM (
    SELECT toInt64(intDiv(bucket - {origin:Int64}, {step:Int64}) * {step:Int64} + {origin:Int64}) AS t,
        orders AS o, gmv_fen AS g, mobile_orders AS mo, mobile_gmv_fen AS mg, created AS c, refunds AS r, refund_fen AS rf
    FROM rollup_cells
    WHERE ledger = {ledger:UInt64} AND same AND has({runs:Array(UInt64)}, run) AND grain = {grain:UInt16} AND dim = {dim:String} AND key = {key:String}
      AND bucket >= {from:Int64} AND bucket < {to:Int64} AND ({window:UInt8} = 255 OR window = {window:UInt8})
    UNION ALL
    SELECT toInt64(intDiv(bucket - {origin:Int64}, {step:Int64}) * {step:Int64} + {origin:Int64}) AS t,
        sum(orders) AS o, sum(gmv_fen) AS g, sum(mobile_orders) AS mo, sum(mobile_gmv_fen) AS mg, sum(created) AS c, sum(refunds) AS r, sum(refund_fen) AS rf
    FROM cells_now
    WHERE ledger = {ledger:UInt64} AND dim = {dim:String} AND key = {key:String}
      AND bucket >= {from:Int64} AND bucket < {to:Int64} AND ({window:UInt8} = 255 OR window = {window:UInt8}) AND {{beyond}}
    GROUP BY t
)
