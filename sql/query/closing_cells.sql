-- In the canonical order of a seal, partition by partition.
SELECT window, toUInt8(dim), partition, segment, bucket, revision, key,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen
FROM closing_now
WHERE ledger = {ledger:UInt64} AND closing_ms = {closing_ms:Int64} AND (dim = 'progress') = {progress:UInt8}
ORDER BY partition, window, dim, key, bucket
