-- How an outsider counts again what a topic holds, from the definitions alone (docs/definitions.md): raw records in,
-- verdicts and sums out, by ClickHouse's own JSON functions and exact integers.
DROP DATABASE IF EXISTS outsider;
CREATE DATABASE outsider;
CREATE TABLE outsider.log (partition Int32, offset Int64, kafka_ms Int64, key String, value String) ENGINE = MergeTree ORDER BY (partition, offset);
CREATE TABLE outsider.windows (n Int64, id String, start_ms Int64, end_ms Int64) ENGINE = MergeTree ORDER BY n;
CREATE TABLE outsider.rates (currency String, rate String, minor Int64) ENGINE = MergeTree ORDER BY currency;
CREATE TABLE outsider.known (catalogue String, name String) ENGINE = MergeTree ORDER BY (catalogue, name);
-- load here;
-- What each record is, field by field in the order of the table.
CREATE TABLE outsider.fields ENGINE = MergeTree ORDER BY (partition, offset) AS
WITH
    ['order_id', 'status', 'created_at', 'paid_at', 'refunded_at', 'currency', 'amount', 'merchant_id', 'refund_id', 'buyer_id',
     'brand_id', 'product_id', 'store_id', 'team_id', 'show_id', 'broadcast', 'buyer_country', 'merchant_country', 'province', 'city',
     'device', 'channel', 'marketplace', 'category', 'quantity', 'red_envelope', 'new_product', 'buyer_since'] AS names,
    replaceRegexpAll(replaceAll(value, '\\\\', ''), '\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}', '') AS unpaired,
    replaceRegexpAll(replaceRegexpAll(value, '"(\\\\.|[^"\\\\])*"', ''), '[^\\[\\]{}]', '') AS brackets,
    arrayMax(arrayPushBack(arrayCumSum(arrayMap(c -> multiIf(c IN ('{', '['), 1, -1), splitByString('', brackets))), 0)) AS depth
SELECT partition, offset, kafka_ms, key, value, names,
    multiIf(length(value) > 65536, 'too_large',
            NOT isValidUTF8(value) OR startsWith(value, '\xEF\xBB\xBF') OR NOT isValidJSON(value) OR JSONType(value) != 'Object'
                OR match(unpaired, '\\\\u[dD][89a-fA-F]') OR depth > 64, 'not_json', '') AS whole,
    if(whole = '', value, '{}') AS v,
    JSONExtractKeys(v) AS keys,
    arrayMap(f -> toString(JSONType(v, f)), names) AS types,
    arrayMap(f -> JSONExtractString(v, f), names) AS texts,
    arrayMap((f, t, s) -> multiIf(t = 'String', s, t IN ('Int64', 'UInt64'), JSONExtractRaw(v, f),
        f = 'amount', extract(v, '"amount":([^,}]+)'), f = 'red_envelope', extract(v, '"red_envelope":([^,}]+)'), ''), names, types, texts) AS raws,
    JSONExtractString(v, 'status') AS status,
    JSONExtractString(v, 'currency') AS currency,
    (SELECT groupArray((currency, rate, minor)) FROM outsider.rates) AS rates,
    arrayFirst(r -> r.1 = currency, rates) AS rate,
    arrayMap(t -> if(match(t, '^(0|[1-9][0-9]{0,9})(\\.[0-9]+)?$'),
        toInt256(extract(t, '^[0-9]+')) * toInt256(intExp10(rate.3)) + toInt256(concat('0', rightPad(substring(extract(t, '\\.([0-9]+)$'), 1, rate.3), rate.3, '0'))),
        toInt256(-1)), raws) AS minors,
    arrayMap((t, s) -> if(t = 'String',
        if(match(s, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$')
            AND toString(toDate32OrNull(substring(s, 1, 10))) = substring(s, 1, 10),
            ifNull(toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(s, 3, 'UTC')), -1), -1),
        if(t IN ('Int64', 'UInt64'), toInt64OrZero(s), -1)), types, raws) AS times
FROM outsider.log;
-- The first reason to reject it, or none.
CREATE TABLE outsider.judged ENGINE = MergeTree ORDER BY (partition, offset) AS
WITH
    ['refund_id', 'buyer_id', 'brand_id', 'product_id', 'store_id', 'team_id', 'show_id', 'broadcast', 'order_id', 'merchant_id'] AS ids,
    concat(status, '_at') AS event,
    arrayMap((f, t, s, raw, minor, ms) -> multiIf(
        arrayCount(k -> k = f, keys) > 1, concat('bad:', f),
        t = 'Null', if(f IN ('order_id', 'status', 'currency', 'amount', 'merchant_id') OR f = event, concat('missing:', f), ''),
        f = 'currency' AND t = 'String' AND match(s, '^[A-Z]{3}$') AND rate.1 = '', 'currency_unknown',
        multiIf(
            has(ids, f), t = 'String' AND length(s) BETWEEN 1 AND 64,
            f = 'status', s IN ('created', 'paid', 'refunded'),
            f IN ('created_at', 'paid_at', 'refunded_at'), ms >= 946684800000 AND ms < 4102444800000,
            f = 'currency', t = 'String' AND match(s, '^[A-Z]{3}$'),
            f IN ('amount', 'red_envelope'), t IN ('String', 'Int64', 'UInt64', 'Double') AND minor >= if(f = 'amount', 1, 0)
                AND minor <= 1000000000 * toInt256(intExp10(rate.3)) AND match(substring(extract(raw, '\\.([0-9]+)$'), rate.3 + 1), '^0*$')
                AND NOT (minor = 1000000000 * toInt256(intExp10(rate.3)) AND match(raw, '\\.0*[1-9]')),
            f = 'quantity', t IN ('Int64', 'UInt64') AND toInt64OrZero(raw) BETWEEN 1 AND 1000000,
            f = 'new_product', t = 'Bool',
            f = 'buyer_since', t = 'String' AND match(s, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') AND toString(toDate32OrNull(s)) = s,
            t = 'String'), '', concat('bad:', f)),
        names, types, texts, raws, minors, times) AS reasons,
    times[indexOf(names, event)] AS at
SELECT partition, offset, key, status, rate, v, at AS event_ms,
    texts[1] AS order_id,
    if(status = 'refunded', texts[9], '') AS refund_id,
    minors[7] AS minor,
    multiIf(whole != '', whole,
            arrayExists(r -> r != '', reasons), arrayFirst(r -> r != '', reasons),
            kafka_ms >= 1 AND at > kafka_ms + 300000, concat('future:', event), '') AS reason
FROM outsider.fields;
-- Verdicts of the others: duplicate, outside, counted; money half to even in exact integers: fen = minor x rate x 100 / 10^digits.
CREATE TABLE outsider.verdicts ENGINE = MergeTree ORDER BY (partition, offset) AS
WITH
    (SELECT groupArray((start_ms, end_ms, id)) FROM outsider.windows) AS windows,
    row_number() OVER (PARTITION BY partition, order_id, status, refund_id ORDER BY offset) > 1 AS repeated,
    arrayFirst(w -> w.1 <= event_ms AND event_ms < w.2, windows).3 AS in_window,
    extract(rate.2, '\\.([0-9]+)$') AS fraction,
    toInt256(replaceAll(rate.2, '.', '')) * minor * 100 AS above,
    toInt256(intExp10(rate.3 + length(fraction))) AS below,
    intDiv(above, below) AS q, above % below AS r
SELECT partition, offset, key != order_id AS miskeyed, status, v, in_window AS window,
    multiIf(repeated, 'duplicate', in_window = '', 'outside', 'counted') AS verdict,
    toInt64(q + if(2 * r > below OR (2 * r = below AND q % 2 = 1), 1, 0)) AS fen
FROM outsider.judged WHERE reason = '';
CREATE VIEW outsider.counted AS
WITH
    (SELECT groupArray(name) FROM outsider.known WHERE catalogue = 'country') AS countries,
    (SELECT groupArray(name) FROM outsider.known WHERE catalogue = 'province') AS provinces,
    ['app', 'mobile_web', 'mini_program'] AS mobiles,
    if(has(countries, JSONExtractString(v, 'merchant_country')), JSONExtractString(v, 'merchant_country'), 'unknown') AS seller
SELECT status, fen, window,
    has(mobiles, JSONExtractString(v, 'device')) AS mobile,
    if(JSONExtractString(v, 'device') IN ('app', 'mobile_web', 'mini_program', 'desktop', 'store_terminal'), JSONExtractString(v, 'device'), 'unknown') AS device,
    if(has(countries, JSONExtractString(v, 'buyer_country')), JSONExtractString(v, 'buyer_country'), 'unknown') AS country,
    if(has(provinces, JSONExtractString(v, 'province')), JSONExtractString(v, 'province'), 'unknown') AS province,
    concat(seller, '>', country) AS flow
FROM outsider.verdicts WHERE verdict = 'counted';
CREATE VIEW outsider.total AS
SELECT sumIf(fen, verdict = 'counted' AND status = 'paid') AS gmv_fen,
    countIf(verdict = 'counted' AND status = 'paid') AS orders,
    countIf(verdict = 'counted' AND status = 'created') AS created,
    countIf(verdict = 'counted' AND status = 'refunded') AS refunds,
    sumIf(fen, verdict = 'counted' AND status = 'refunded') AS refund_fen,
    gmv_fen - refund_fen AS net_fen,
    countIf(verdict = 'duplicate') AS duplicates,
    (SELECT count() FROM outsider.judged WHERE reason != '') AS rejected,
    countIf(verdict = 'outside') AS outside,
    countIf(miskeyed) AS miskeyed,
    (SELECT rate FROM outsider.rates WHERE currency = 'USD') AS usd,
    toInt64(intDiv(toInt256(gmv_fen) * toInt256(intExp10(length(extract(usd, '\\.([0-9]+)$')))), toInt256(replaceAll(usd, '.', '')))) AS gmv_usd_cents
FROM outsider.verdicts;
