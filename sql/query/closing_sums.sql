-- What a board loads of a closing: as query/cells_sums.sql.
SELECT window, toUInt8(dim), toInt32(0), toInt64(0), if(dim = 'total', bucket, 0) AS second, toUInt64(0), key,
    sum(orders) AS orders, sum(gmv_fen) AS gmv_fen, sum(mobile_orders) AS mobile_orders,
    sum(mobile_gmv_fen) AS mobile_gmv_fen, sum(created) AS created, sum(refunds) AS refunds, sum(refund_fen) AS refund_fen
FROM closing_now
WHERE ledger = {ledger:UInt64} AND closing_ms = {closing_ms:Int64} AND dim != 'progress'
GROUP BY window, dim, key, second
