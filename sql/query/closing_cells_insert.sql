INSERT INTO closing_cells (ledger, closing_ms, window, dim, partition, segment, bucket, revision, key,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen)
