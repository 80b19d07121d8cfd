-- Tables and views of the database, in the order of their creation; bytes on disk of active parts.
SELECT name, engine = 'View' AS view, toInt64(ifNull(total_bytes, 0)) AS bytes
FROM system.tables
WHERE database = {database:String}
ORDER BY metadata_modification_time, name
