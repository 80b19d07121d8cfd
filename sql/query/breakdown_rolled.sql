-- As breakdown: of rolled-up segments whole hours from the hours, the rest from minutes and from the buckets of cells.
WITH {guard:String} = toString(arraySort(arrayFilter(c -> c.1 = {ledger:UInt64}, (SELECT groupArray((ledger, partition, segment)) FROM gaps)))) AS same
SELECT key,
    sum(o) AS orders, sum(g) AS gmv_fen, sum(mo) AS mobile_orders,
    sum(mg) AS mobile_gmv_fen, sum(c) AS created, sum(r) AS refunds, sum(rf) AS refund_fen
FROM (
    SELECT key, orders AS o, gmv_fen AS g, mobile_orders AS mo, mobile_gmv_fen AS mg, created AS c, refunds AS r, refund_fen AS rf
    FROM rollup_cells
    WHERE ledger = {ledger:UInt64} AND same AND has({runs:Array(UInt64)}, run) AND dim = {dim:String} AND ({window:UInt8} = 255 OR window = {window:UInt8})
      AND (grain = 3600 AND bucket >= {hour_from:Int64} AND bucket < {hour_to:Int64}
        OR grain = 60 AND bucket >= {minute_from:Int64} AND bucket < {hour_from:Int64}
        OR grain = 60 AND bucket >= {hour_to:Int64} AND bucket < {minute_to:Int64}
        OR grain = 0 AND bucket >= {from:Int64} AND bucket < {minute_from:Int64}
        OR grain = 0 AND bucket >= {minute_to:Int64} AND bucket < {to:Int64})
    UNION ALL
    SELECT key, orders AS o, gmv_fen AS g, mobile_orders AS mo, mobile_gmv_fen AS mg, created AS c, refunds AS r, refund_fen AS rf
    FROM cells_now
    WHERE ledger = {ledger:UInt64} AND dim = {dim:String}
      AND bucket >= {from:Int64} AND bucket < {to:Int64} AND ({window:UInt8} = 255 OR window = {window:UInt8}) AND {{beyond}}
)
GROUP BY key
HAVING orders != 0 OR gmv_fen != 0 OR created != 0 OR refunds != 0
ORDER BY gmv_fen DESC, key
