SELECT window, toUInt8(dim), partition, segment, bucket, revision, key,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen
FROM closing_cells FINAL
WHERE ledger = {ledger:UInt64} AND closing_ms = {closing_ms:Int64}
ORDER BY window, dim, key, bucket, partition
