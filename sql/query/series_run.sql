-- What a run of a roll-up has of a curve, as its rows are: a time perhaps twice, in the order of the sort key.
SELECT toInt64(intDiv(bucket - {origin:Int64}, {step:Int64}) * {step:Int64} + {origin:Int64}) AS t,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen
FROM rollup_cells
WHERE ledger = {ledger:UInt64} AND run = {run:UInt64} AND grain = {grain:UInt16} AND dim = {dim:String} AND key = {key:String}
  AND bucket >= {from:Int64} AND bucket < {to:Int64} AND ({window:UInt8} = 255 OR window = {window:UInt8})
