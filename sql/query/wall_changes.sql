-- The newest value of each wall's field: as many rows as there are fields, however many changes there were.
SELECT wall, field, max(at_ms) AS newest_ms, argMax(who, (at_ms, who, value)) AS newest_who, argMax(value, (at_ms, who, value)) AS newest
FROM wall_changes
WHERE ledger = {ledger:UInt64}
GROUP BY wall, field
ORDER BY wall, field
