-- Progress, seals and raw rows of partitions that the ledger does not have: a row for each table and partition. Cells of such
-- are seen by their digests.
SELECT * FROM (
    SELECT 'progress' AS what, partition, count() AS n FROM cells_now
    WHERE ledger = {ledger:UInt64} AND dim = 'progress' AND (partition < 0 OR partition >= {partitions:Int32}) GROUP BY partition
    UNION ALL
    SELECT 'seal' AS what, partition, count() AS n FROM seals_now
    WHERE ledger = {ledger:UInt64} AND (partition < 0 OR partition >= {partitions:Int32}) GROUP BY partition
    UNION ALL
    SELECT 'raw row' AS what, partition, count() AS n FROM orders FINAL
    WHERE ledger = {ledger:UInt64} AND (partition < 0 OR partition >= {partitions:Int32}) GROUP BY partition
    UNION ALL
    SELECT 'raw row' AS what, partition, count() AS n FROM rejects FINAL
    WHERE ledger = {ledger:UInt64} AND (partition < 0 OR partition >= {partitions:Int32}) GROUP BY partition
)
ORDER BY what, partition, n
