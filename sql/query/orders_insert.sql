INSERT INTO orders (ledger, partition, offset, kafka_ms, verdict, key_ok, rehearsal, status, created_ms, paid_ms, refunded_ms,
    currency, amount_minor, amount_fen, envelope_minor, quantity, buyer_since, new_product,
    buyer_country, merchant_country, province, device, channel, marketplace, category,
    order_id, merchant_id, refund_id, buyer_id, brand_id, product_id, store_id, team_id, show_id, broadcast, city)
