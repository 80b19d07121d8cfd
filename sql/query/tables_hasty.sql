-- Tables of this database whose merged parts this server deletes sooner than {seconds}, and that say nothing of their own about it.
SELECT name FROM system.tables
WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND position(create_table_query, 'old_parts_lifetime') = 0
  AND (SELECT toInt64OrZero(any(value)) FROM system.merge_tree_settings WHERE name = 'old_parts_lifetime') < {seconds:Int64}
ORDER BY name
