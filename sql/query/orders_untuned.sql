-- 1 where table orders lacks a setting that this server has.
SELECT count() > 0 FROM system.tables
WHERE database = currentDatabase() AND name = 'orders' AND position(engine_full, {setting:String}) = 0
  AND {setting:String} IN (SELECT name FROM system.merge_tree_settings)
