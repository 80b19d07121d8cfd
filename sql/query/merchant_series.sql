-- One merchant's curve from raw orders from the starts up to the positions, all times. Not through orders_at: FINAL would merge
-- the rows of all merchants; one row per offset is picked among this merchant's alone, which are identical. Devices 1 to 3 are
-- the mobile ones (CONTRACT.md section 1).
WITH (SELECT groupArray((ledger, partition, first, end)) FROM gaps) AS holes
SELECT toInt64(intDiv(multiIf(status = 'paid', paid_ms, status = 'created', created_ms, refunded_ms), 1000 * {step:Int64}) * {step:Int64}) AS t,
    toInt64(countIf(status = 'paid')) AS orders,
    toInt64(sumIf(amount_fen, status = 'paid')) AS gmv_fen,
    toInt64(countIf(status = 'paid' AND device BETWEEN 1 AND 3)) AS mobile_orders,
    toInt64(sumIf(amount_fen, status = 'paid' AND device BETWEEN 1 AND 3)) AS mobile_gmv_fen,
    toInt64(countIf(status = 'created')) AS created,
    toInt64(countIf(status = 'refunded')) AS refunds,
    toInt64(sumIf(amount_fen, status = 'refunded')) AS refund_fen
FROM (
    SELECT status, created_ms, paid_ms, refunded_ms, device, amount_fen
    FROM orders
    WHERE ledger = {ledger:UInt64} AND merchant_id = {merchant:String} AND verdict = 'counted'
      AND offset < transform(partition, {partitions:Array(Int32)}, {positions:Array(Int64)}, toInt64(0))
      AND offset >= transform(partition, {partitions:Array(Int32)}, {starts:Array(Int64)}, toInt64(0)) AND offset >= {least:Int64}
      AND (empty(holes) OR NOT arrayExists(h -> h.1 = ledger AND h.2 = partition AND offset >= h.3 AND offset < h.4, holes))
    LIMIT 1 BY partition, offset
)
GROUP BY t
ORDER BY t
