-- One row per offset, nothing at or past the given positions; a partition that is not named gives nothing.
-- Use: SELECT ... FROM orders_at(ledger = 1, partitions = [0, 1], positions = [1000, 2000])
CREATE VIEW IF NOT EXISTS orders_at AS
SELECT * FROM orders FINAL
WHERE ledger = {ledger:UInt64}
  AND offset < transform(partition, {partitions:Array(Int32)}, {positions:Array(Int64)}, toInt64(0));

CREATE VIEW IF NOT EXISTS rejects_at AS
SELECT * FROM rejects FINAL
WHERE ledger = {ledger:UInt64}
  AND offset < transform(partition, {partitions:Array(Int32)}, {positions:Array(Int64)}, toInt64(0));

-- The same with names instead of codes and times instead of numbers, absent values as NULL.
-- Use: SELECT ... FROM orders_named(ledger = 1, partitions = [0, 1], positions = [1000, 2000])
CREATE VIEW IF NOT EXISTS orders_named AS
WITH
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'currency' ORDER BY code)) AS currencies,
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'country' ORDER BY code)) AS countries,
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'province' ORDER BY code)) AS provinces,
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'device' ORDER BY code)) AS devices,
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'channel' ORDER BY code)) AS channels,
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'marketplace' ORDER BY code)) AS marketplaces,
    (SELECT groupArray(name) FROM (SELECT name FROM codes FINAL WHERE ledger = {ledger:UInt64} AND catalogue = 'category' ORDER BY code)) AS categories
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
  AND o.offset < transform(o.partition, {partitions:Array(Int32)}, {positions:Array(Int64)}, toInt64(0));
