-- One merchant's sums over all segments, from cells: as fresh as the newest flush.
SELECT sum(orders) AS orders, sum(gmv_fen) AS gmv_fen, sum(mobile_orders) AS mobile_orders,
    sum(mobile_gmv_fen) AS mobile_gmv_fen, sum(created) AS created, sum(refunds) AS refunds, sum(refund_fen) AS refund_fen
FROM cells_now
WHERE ledger = {ledger:UInt64} AND dim = 'merchant' AND key = {merchant:String}
  AND ({window:UInt8} = 255 OR window = {window:UInt8})
