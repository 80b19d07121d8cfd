-- The end of each partition's contiguous chain: counted from its first seal, segment = first segment + number of seals - 1.
SELECT partition, segment, first, end, cells, last_ms, max_event_ms, prev, hash
FROM (
    SELECT *, row_number() OVER (PARTITION BY partition ORDER BY segment) AS place, min(segment) OVER (PARTITION BY partition) AS lowest
    FROM seals_now
    WHERE ledger = {ledger:UInt64} AND has({partitions:Array(Int32)}, partition)
)
WHERE segment = lowest + place - 1
ORDER BY partition, segment DESC
LIMIT 1 BY partition
