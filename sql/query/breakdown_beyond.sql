-- As breakdown, of the cells that no run holds, in no order (see series_beyond).
SELECT key, sum(orders), sum(gmv_fen), sum(mobile_orders), sum(mobile_gmv_fen), sum(created), sum(refunds), sum(refund_fen)
FROM cells FINAL
WHERE ledger = {ledger:UInt64} AND dim = {dim:String}
  AND bucket >= {from:Int64} AND bucket < {to:Int64} AND ({window:UInt8} = 255 OR window = {window:UInt8}) AND {{beyond}}
GROUP BY key
