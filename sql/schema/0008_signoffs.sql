-- Sign-offs: what an operator has accepted about a log that lost records, append-only.
--
-- gap: the offsets [first, end) of a partition are not in the ledger's log, whoever may have read some of them. From the
--   segment that was open at first on, and for the progress, only rows of the gap's era count: so whatever a process
--   that slept through the sign-off stores later is not read. The oldest row of an era stands.
-- recount: raw rows stand for the topic's log in [first, end), where the open segment is counted again.
CREATE TABLE IF NOT EXISTS signoffs (
    ledger    UInt64,
    kind      Enum8('gap' = 1, 'recount' = 2),
    partition Int32,
    era       UInt8 COMMENT 'of a gap: its number within the partition, from 1',
    segment   Int64 COMMENT 'the segment that was open at first',
    first     Int64,
    end       Int64,
    signed_by String,
    reason    String,
    at_ms     Int64,
    world     String COMMENT 'what Kafka and the store said at that moment',
    hash      String COMMENT 'SHA-256 of the record''s RFC 8785 JSON without hash, 64 lower hex digits'
) ENGINE = MergeTree ORDER BY (ledger, partition, at_ms);

CREATE VIEW IF NOT EXISTS gaps AS
SELECT ledger, partition, era, segment, first, end
FROM signoffs WHERE kind = 'gap' ORDER BY at_ms, hash LIMIT 1 BY ledger, partition, era;

-- The era of a row is the number of gaps that its writer knew of up to the row's segment; of progress, of the partition.
ALTER TABLE cells
    ADD COLUMN IF NOT EXISTS era UInt8,
    MODIFY ORDER BY (ledger, dim, key, bucket, window, partition, segment, era);

ALTER TABLE seals
    ADD COLUMN IF NOT EXISTS era UInt8,
    MODIFY ORDER BY (ledger, partition, segment, era);

CREATE OR REPLACE VIEW cells_now AS
WITH (SELECT groupArray((ledger, partition, segment)) FROM gaps) AS cuts
SELECT * FROM cells FINAL
WHERE era = if(empty(cuts), 0, arrayCount(c -> c.1 = ledger AND c.2 = partition AND (dim = 'progress' OR c.3 <= segment), cuts));

CREATE VIEW IF NOT EXISTS seals_now AS
WITH (SELECT groupArray((ledger, partition, segment)) FROM gaps) AS cuts
SELECT * FROM seals FINAL
WHERE era = if(empty(cuts), 0, arrayCount(c -> c.1 = ledger AND c.2 = partition AND c.3 <= segment, cuts));

-- Raw rows as before, without the offsets of accepted gaps.
CREATE OR REPLACE VIEW orders_at AS
WITH (SELECT groupArray((ledger, partition, first, end)) FROM gaps) AS holes
SELECT * FROM orders FINAL
WHERE ledger = {ledger:UInt64}
  AND offset < transform(partition, {partitions:Array(Int32)}, {positions:Array(Int64)}, toInt64(0))
  AND (empty(holes) OR NOT arrayExists(h -> h.1 = ledger AND h.2 = partition AND offset >= h.3 AND offset < h.4, holes));

CREATE OR REPLACE VIEW rejects_at AS
WITH (SELECT groupArray((ledger, partition, first, end)) FROM gaps) AS holes
SELECT * FROM rejects FINAL
WHERE ledger = {ledger:UInt64}
  AND offset < transform(partition, {partitions:Array(Int32)}, {positions:Array(Int64)}, toInt64(0))
  AND (empty(holes) OR NOT arrayExists(h -> h.1 = ledger AND h.2 = partition AND offset >= h.3 AND offset < h.4, holes));

CREATE OR REPLACE VIEW orders_named AS
WITH
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'currency' ORDER BY code)) AS currencies,
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'country' ORDER BY code)) AS countries,
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'province' ORDER BY code)) AS provinces,
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'device' ORDER BY code)) AS devices,
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'channel' ORDER BY code)) AS channels,
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'marketplace' ORDER BY code)) AS marketplaces,
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'category' ORDER BY code)) AS categories,
    (SELECT groupArray((ledger, partition, first, end)) FROM gaps) AS holes
SELECT
    o.partition AS partition,
    o.offset AS offset,
    fromUnixTimestamp64Milli(o.kafka_ms, 'UTC') AS kafka_time,
    o.verdict AS verdict,
    o.key_ok = 1 AS key_ok,
    o.rehearsal = 1 AS rehearsal,
    o.order_id AS order_id,
    o.status AS status,
    if(o.created_ms = 0, NULL, fromUnixTimestamp64Milli(o.created_ms, 'UTC')) AS created_at,
    if(o.paid_ms = 0, NULL, fromUnixTimestamp64Milli(o.paid_ms, 'UTC')) AS paid_at,
    if(o.refunded_ms = 0, NULL, fromUnixTimestamp64Milli(o.refunded_ms, 'UTC')) AS refunded_at,
    currencies[o.currency + 1] AS currency,
    o.amount_minor AS amount_minor,
    o.amount_fen AS amount_fen,
    if(o.envelope_minor < 0, NULL, o.envelope_minor) AS red_envelope_minor,
    nullIf(o.quantity, 0) AS quantity,
    if(o.buyer_since = -2147483648, NULL, toDate32('1970-01-01') + o.buyer_since) AS buyer_since,
    if(o.new_product = 0, NULL, o.new_product = 2) AS new_product,
    countries[o.buyer_country + 1] AS buyer_country,
    countries[o.merchant_country + 1] AS merchant_country,
    provinces[o.province + 1] AS province,
    if(o.city = '', 'unknown', o.city) AS city,
    devices[o.device + 1] AS device,
    channels[o.channel + 1] AS channel,
    marketplaces[o.marketplace + 1] AS marketplace,
    categories[o.category + 1] AS category,
    o.merchant_id AS merchant_id,
    nullIf(o.refund_id, '') AS refund_id,
    nullIf(o.buyer_id, '') AS buyer_id,
    nullIf(o.brand_id, '') AS brand_id,
    nullIf(o.product_id, '') AS product_id,
    nullIf(o.store_id, '') AS store_id,
    nullIf(o.team_id, '') AS team_id,
    nullIf(o.show_id, '') AS show_id,
    nullIf(o.broadcast, '') AS broadcast
FROM orders AS o FINAL
WHERE o.ledger = {ledger:UInt64}
  AND o.offset < transform(o.partition, {partitions:Array(Int32)}, {positions:Array(Int64)}, toInt64(0))
  AND (empty(holes) OR NOT arrayExists(h -> h.1 = o.ledger AND h.2 = o.partition AND o.offset >= h.3 AND o.offset < h.4, holes));
