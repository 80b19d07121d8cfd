-- As series, of the cells that no run holds, in no order. Not through cells_now: its gaps would have to be looked up and its
-- conditions analysed once more for each question, which takes longer than to read the cells.
SELECT toInt64(intDiv(bucket - {origin:Int64}, {step:Int64}) * {step:Int64} + {origin:Int64}) AS t,
    sum(orders), sum(gmv_fen), sum(mobile_orders), sum(mobile_gmv_fen), sum(created), sum(refunds), sum(refund_fen)
FROM cells FINAL
WHERE ledger = {ledger:UInt64} AND dim = {dim:String} AND key = {key:String}
  AND bucket >= {from:Int64} AND bucket < {to:Int64} AND ({window:UInt8} = 255 OR window = {window:UInt8}) AND {{beyond}}
GROUP BY t
