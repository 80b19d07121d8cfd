-- The cut of a close: one SELECT over cells is one snapshot, cells and progress, so the sums are those of exactly the
-- positions that the progress rows say.
INSERT INTO closing_cells (ledger, closing_ms, window, dim, partition, segment, bucket, revision, key,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen)
SELECT {ledger:UInt64}, {closing_ms:Int64}, window, dim, partition, toInt64(0), bucket, max(revision), key,
    sum(orders), sum(gmv_fen), sum(mobile_orders), sum(mobile_gmv_fen), sum(created), sum(refunds), sum(refund_fen)
FROM cells_now
WHERE ledger = {ledger:UInt64}
GROUP BY dim, key, bucket, window, partition
