-- The oldest row of a ledger is the ledger.
SELECT l.id AS id, l.ledger AS ledger, l.document AS document, toJSONString(l.log_start) AS log_start, toInt64(l.serial) AS serial,
    l.created_ms AS created_ms, l.festival AS festival, c.closing_ms AS closed_ms
FROM (SELECT * FROM ledgers ORDER BY created_ms, log_start LIMIT 1 BY ledger) AS l
LEFT JOIN (SELECT ledger, min(closing_ms) AS closing_ms FROM closings GROUP BY ledger) AS c ON c.ledger = l.ledger
ORDER BY created_ms, serial, id
