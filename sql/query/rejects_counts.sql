SELECT reason, toInt64(count()) AS records
FROM rejects_at(ledger = {ledger:UInt64}, partitions = {partitions:Array(Int32)}, positions = {positions:Array(Int64)})
GROUP BY reason
ORDER BY reason
