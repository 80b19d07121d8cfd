-- How many raw rows a partition has from an offset to before another: the size of a set, so rows that are there twice do no harm.
SELECT toInt64(count()) FROM orders
WHERE ledger = {ledger:UInt64} AND partition = {partition:Int32} AND offset >= {from:Int64} AND offset < {before:Int64}
