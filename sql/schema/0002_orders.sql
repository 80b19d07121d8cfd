-- Raw orders: every record that could be read as an order, whole log, never expired. A flush may be written again
-- after a crash; rows of one offset are then identical, so it does not matter which one a merge keeps and there is
-- no version column. Read them through orders_at or orders_named, not from here: those give one row per offset.
--
-- Sort key: one partition's offsets lie together and parts hardly overlap, which makes FINAL nearly free (it merges
-- only overlapping ranges), as it does a takeover's scan and the export. Parts stay compact up to 1 GB: writing 36
-- files for each flush costs as much as sorting it.
CREATE TABLE IF NOT EXISTS orders (
    ledger           UInt64,
    partition        Int32,
    offset           Int64,
    kafka_ms         Int64 COMMENT 'Kafka timestamp, Unix milliseconds',
    verdict          Enum8('duplicate' = 2, 'outside' = 3, 'counted' = 4),
    key_ok           UInt8 COMMENT '1 where the record key is the order_id',
    rehearsal        UInt8 COMMENT '1 where the record bears the rehearsal header',
    status           Enum8('created' = 1, 'paid' = 2, 'refunded' = 3),
    created_ms       Int64 COMMENT 'Unix milliseconds, 0 absent',
    paid_ms          Int64,
    refunded_ms      Int64,
    currency         UInt8 COMMENT 'code, see codes',
    amount_minor     Int64 COMMENT 'in minor units of the currency, as sent',
    amount_fen       Int64 COMMENT 'CNY fen at the ledger''s sealed rate, half-even',
    envelope_minor   Int64 COMMENT 'red_envelope, -1 absent',
    quantity         Int32 COMMENT '0 absent',
    buyer_since      Int32 COMMENT 'days since 1970-01-01, -2^31 absent',
    new_product      UInt8 COMMENT '0 absent, 1 false, 2 true',
    buyer_country    UInt8,
    merchant_country UInt8,
    province         UInt8,
    device           UInt8 COMMENT 'codes 1 to 3 are the mobile devices',
    channel          UInt8,
    marketplace      UInt8,
    category         UInt8,
    order_id         String,
    merchant_id      String,
    refund_id        String COMMENT 'empty: absent, as in all below',
    buyer_id         String,
    brand_id         String,
    product_id       String,
    store_id         String,
    team_id          String,
    show_id          String,
    broadcast        String,
    city             String
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, partition, offset)
SETTINGS min_bytes_for_wide_part = 1000000000, min_rows_for_wide_part = 0;

-- Records that could not be read as orders.
CREATE TABLE IF NOT EXISTS rejects (
    ledger    UInt64,
    partition Int32,
    offset    Int64,
    kafka_ms  Int64,
    reason    String COMMENT 'CONTRACT.md section 1, such as bad:amount',
    length    Int64 COMMENT 'of the whole value, bytes',
    sha256    FixedString(32) COMMENT 'of the whole value',
    key       String COMMENT 'first 1 KiB',
    value     String COMMENT 'first 64 KiB' CODEC(ZSTD(1)),
    rehearsal UInt8
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, partition, offset);
