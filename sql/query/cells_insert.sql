INSERT INTO cells (ledger, window, dim, partition, segment, bucket, revision, key,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen, era)
