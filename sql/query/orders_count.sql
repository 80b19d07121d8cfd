-- How many raw rows a partition has before an offset: the size of a set, so rows that are there twice do no harm.
SELECT toInt64(count()) FROM orders
WHERE ledger = {ledger:UInt64} AND partition = {partition:Int32} AND offset < {before:Int64}
