-- All runs that have rows, of any ledger.
SELECT DISTINCT toUInt64(partition) AS run FROM system.parts
WHERE database = currentDatabase() AND table = 'rollup_cells' AND active
