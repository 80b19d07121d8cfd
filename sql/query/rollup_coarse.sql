-- Minutes and hours of a new run, from its own buckets.
INSERT INTO rollup_cells (ledger, run, grain, dim, key, bucket, window,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen)
SELECT ledger, run, wide, dim, key, bucket - bucket % wide AS begin, window,
    sum(orders), sum(gmv_fen), sum(mobile_orders), sum(mobile_gmv_fen), sum(created), sum(refunds), sum(refund_fen)
FROM rollup_cells
ARRAY JOIN if(dim IN ('total', 'device', 'country'), [60, 3600], [3600]) AS wide
WHERE ledger = {ledger:UInt64} AND run = {run:UInt64} AND grain = 0 AND dim NOT IN ('merchant', 'log')
GROUP BY ledger, run, wide, dim, key, begin, window
SETTINGS max_threads = 1, max_insert_threads = 1, max_bytes_before_external_group_by = 200000000
