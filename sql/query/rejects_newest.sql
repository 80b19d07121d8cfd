SELECT partition, offset, kafka_ms, reason, length, sha256, key, value, rehearsal
FROM rejects_at(ledger = {ledger:UInt64}, partitions = {partitions:Array(Int32)}, positions = {positions:Array(Int64)})
ORDER BY kafka_ms DESC, partition, offset DESC
LIMIT {limit:UInt64}
