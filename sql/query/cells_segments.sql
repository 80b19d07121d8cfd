-- Cells of one partition's segments [first, end), as a seal orders them.
SELECT window, toUInt8(dim), partition, segment, bucket, revision, key,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen
FROM cells_now
WHERE ledger = {ledger:UInt64} AND partition = {partition:Int32} AND segment >= {first:Int64} AND segment < {end:Int64}
  AND dim != 'progress'
ORDER BY segment, window, dim, key, bucket
