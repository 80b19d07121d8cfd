SELECT window, toUInt8(dim), partition, segment, bucket, revision, key,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen
FROM cells_now
WHERE ledger = {ledger:UInt64} AND dim = 'progress'
ORDER BY partition
