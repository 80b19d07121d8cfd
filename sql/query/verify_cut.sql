-- One partition's progress and its cells from a segment on, as one snapshot.
SELECT window, toUInt8(dim), partition, segment, bucket, revision, key,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen
FROM cells_now
WHERE ledger = {ledger:UInt64} AND partition = {partition:Int32} AND (dim = 'progress' OR segment >= {first:Int64})
