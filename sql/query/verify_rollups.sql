-- Where roll-ups are not what the cells of their segments sum to, one dimension: the difference of both has to be nothing.
WITH {guard:String} = toString(arraySort(arrayFilter(c -> c.1 = {ledger:UInt64}, (SELECT groupArray((ledger, partition, segment)) FROM gaps)))) AS same
SELECT toInt64(wide) AS seconds, key, begin, window, sum(o) AS orders, sum(g) AS gmv_fen, sum(mo) AS mobile_orders,
    sum(mg) AS mobile_gmv_fen, sum(c) AS created, sum(r) AS refunds, sum(rf) AS refund_fen
FROM (
    SELECT grain AS wide, key, bucket AS begin, window, orders AS o, gmv_fen AS g, mobile_orders AS mo, mobile_gmv_fen AS mg, created AS c, refunds AS r, refund_fen AS rf
    FROM rollup_cells
    WHERE ledger = {ledger:UInt64} AND same AND has({runs:Array(UInt64)}, run) AND dim = {dim:String}
    UNION ALL
    SELECT toUInt16(width) AS wide, key, if(width = 0, bucket, bucket - bucket % width) AS begin, window,
        -orders AS o, -gmv_fen AS g, -mobile_orders AS mo, -mobile_gmv_fen AS mg, -created AS c, -refunds AS r, -refund_fen AS rf
    FROM cells_now
    ARRAY JOIN multiIf(dim IN ('total', 'device', 'country'), [0, 60, 3600], dim IN ('merchant', 'log'), [0], [0, 3600]) AS width
    WHERE ledger = {ledger:UInt64} AND same AND dim = {dim:String}
      AND segment < transform(partition, {partitions:Array(Int32)}, {ends:Array(Int64)}, toInt64(0))
)
GROUP BY wide, key, begin, window
HAVING orders != 0 OR gmv_fen != 0 OR mobile_orders != 0 OR mobile_gmv_fen != 0 OR created != 0 OR refunds != 0 OR refund_fen != 0
ORDER BY wide, key, begin, window
LIMIT 10
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 200000000
