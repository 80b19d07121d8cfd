-- The oldest row of a ledger is the ledger. It is closed by a closing whose final frame is an official one.
SELECT l.id AS id, l.ledger AS ledger, l.document AS document, toJSONString(l.log_start) AS log_start, toInt64(l.serial) AS serial,
    l.created_ms AS created_ms, l.festival AS festival, c.closing_ms AS closed_ms
FROM (SELECT * FROM ledgers ORDER BY created_ms, log_start LIMIT 1 BY ledger) AS l
LEFT JOIN (
    SELECT ledger, min(closing_ms) AS closing_ms
    FROM closings
    WHERE (ledger, second, frame_hash) IN (
        SELECT ledger, second, hash FROM frames
        WHERE window = '' AND (ledger, second) IN (SELECT ledger, second FROM closings))
    GROUP BY ledger
) AS c ON c.ledger = l.ledger
ORDER BY created_ms, serial, id
