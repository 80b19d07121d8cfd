-- All keys of a dimension, largest GMV first.
SELECT key,
    sum(orders) AS orders, sum(gmv_fen) AS gmv_fen, sum(mobile_orders) AS mobile_orders,
    sum(mobile_gmv_fen) AS mobile_gmv_fen, sum(created) AS created, sum(refunds) AS refunds, sum(refund_fen) AS refund_fen
FROM cells_now
WHERE ledger = {ledger:UInt64} AND dim = {dim:String}
  AND bucket >= {from:Int64} AND bucket < {to:Int64} AND ({window:UInt8} = 255 OR window = {window:UInt8})
GROUP BY key
HAVING orders != 0 OR gmv_fen != 0 OR created != 0 OR refunds != 0
ORDER BY gmv_fen DESC, key
