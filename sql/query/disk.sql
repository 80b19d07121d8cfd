-- The disk that the store's tables lie on.
SELECT toInt64(sum(total_space)) AS total, toInt64(sum(unreserved_space)) AS free
FROM system.disks
WHERE name = 'default'
