-- How this database lies on disk at this moment: parts that are read, parts that merges have replaced and that are kept for a while, the
-- merges under way. What merges have written counts from the server's start, of all databases.
SELECT toInt64(countIf(active)) AS parts, toInt64(sumIf(rows, active)) AS rows, toInt64(sumIf(bytes_on_disk, active)) AS bytes,
       toInt64(countIf(NOT active)) AS replaced, toInt64(sumIf(bytes_on_disk, NOT active)) AS replaced_bytes,
       ifNull((SELECT toInt64(count()) FROM system.merges WHERE database = currentDatabase()), 0) AS merges,
       ifNull((SELECT toInt64(sum(value)) FROM system.events WHERE event = 'MergedRows'), 0) AS merged_rows
FROM system.parts
WHERE database = currentDatabase()
