-- Raw orders of one partition's offsets [from, to), one row per offset. Not through orders_at: its condition on positions
-- is not one on the sort key, and here a range of offsets of one partition is asked for again and again.
WITH (SELECT groupArray((ledger, partition, first, end)) FROM gaps) AS holes
SELECT partition, offset, kafka_ms, toUInt8(verdict), key_ok, rehearsal, toUInt8(status), created_ms, paid_ms, refunded_ms,
    currency, amount_minor, amount_fen, envelope_minor, quantity, buyer_since, new_product,
    buyer_country, merchant_country, province, device, channel, marketplace, category,
    order_id, merchant_id, refund_id, buyer_id, brand_id, product_id, store_id, team_id, show_id, broadcast, city
FROM orders FINAL
WHERE ledger = {ledger:UInt64} AND partition = {partition:Int32} AND offset >= {from:Int64} AND offset < {to:Int64}
  AND (empty(holes) OR NOT arrayExists(h -> h.1 = ledger AND h.2 = partition AND offset >= h.3 AND offset < h.4, holes))
ORDER BY offset
