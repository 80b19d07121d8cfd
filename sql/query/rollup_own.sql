-- The cells of one dimension in segments that are sealed and not rolled up yet, and the runs that the new one takes in.
INSERT INTO rollup_cells (ledger, run, grain, dim, key, bucket, window,
    orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen)
WITH {guard:String} = toString(arraySort(arrayFilter(c -> c.1 = {ledger:UInt64}, (SELECT groupArray((ledger, partition, segment)) FROM gaps)))) AS same
SELECT {ledger:UInt64}, {run:UInt64}, 0, dim, key, bucket, window,
    sum(orders), sum(gmv_fen), sum(mobile_orders), sum(mobile_gmv_fen), sum(created), sum(refunds), sum(refund_fen)
FROM (
    SELECT dim, key, bucket, window, orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen
    FROM cells_now
    WHERE ledger = {ledger:UInt64} AND dim = {dim:String} AND {{beyond}}
      AND segment < transform(partition, {partitions:Array(Int32)}, {sealed:Array(Int64)}, toInt64(0))
    UNION ALL
    SELECT dim, key, bucket, window, orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen
    FROM rollup_cells
    WHERE ledger = {ledger:UInt64} AND same AND has({taken:Array(UInt64)}, run) AND grain = 0 AND dim = {dim:String}
)
GROUP BY dim, key, bucket, window
SETTINGS max_threads = 1, max_insert_threads = 1, max_bytes_before_external_group_by = 200000000
