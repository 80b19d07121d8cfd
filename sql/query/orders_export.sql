-- Raw orders below the positions, in the order of the log.
SELECT partition, offset, kafka_ms, toUInt8(verdict), key_ok, rehearsal, toUInt8(status), created_ms, paid_ms, refunded_ms,
    currency, amount_minor, amount_fen, envelope_minor, quantity, buyer_since, new_product,
    buyer_country, merchant_country, province, device, channel, marketplace, category,
    order_id, merchant_id, refund_id, buyer_id, brand_id, product_id, store_id, team_id, show_id, broadcast, city
FROM orders_at(ledger = {ledger:UInt64}, partitions = {partitions:Array(Int32)}, positions = {positions:Array(Int64)})
WHERE offset >= transform(partition, {partitions:Array(Int32)}, {starts:Array(Int64)}, toInt64(0))
ORDER BY partition, offset
