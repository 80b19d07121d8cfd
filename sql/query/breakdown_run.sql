-- What a run of a roll-up has of a breakdown, in no order: whole hours from the hours, the rest from minutes and from the
-- buckets of cells.
SELECT key, sum(orders), sum(gmv_fen), sum(mobile_orders), sum(mobile_gmv_fen), sum(created), sum(refunds), sum(refund_fen)
FROM rollup_cells
WHERE ledger = {ledger:UInt64} AND run = {run:UInt64} AND dim = {dim:String} AND ({window:UInt8} = 255 OR window = {window:UInt8})
  AND (grain = 3600 AND bucket >= {hour_from:Int64} AND bucket < {hour_to:Int64}
    OR grain = 60 AND bucket >= {minute_from:Int64} AND bucket < {hour_from:Int64}
    OR grain = 60 AND bucket >= {hour_to:Int64} AND bucket < {minute_to:Int64}
    OR grain = 0 AND bucket >= {from:Int64} AND bucket < {minute_from:Int64}
    OR grain = 0 AND bucket >= {minute_to:Int64} AND bucket < {to:Int64})
GROUP BY key
