-- The ledger's roll-ups, newest first, then a row without one; in each row its gaps now, as guard has them.
WITH toString(arraySort(arrayFilter(c -> c.1 = {ledger:UInt64}, (SELECT groupArray((ledger, partition, segment)) FROM gaps)))) AS now
SELECT made_ms, guard, document, now
FROM (
    SELECT made_ms, guard, document FROM rollups WHERE ledger = {ledger:UInt64}
    UNION ALL
    SELECT toInt64(-1) AS made_ms, '' AS guard, '' AS document
)
ORDER BY made_ms DESC
