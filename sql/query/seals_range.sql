SELECT partition, segment, first, end, cells, last_ms, max_event_ms, prev, hash
FROM seals_now
WHERE ledger = {ledger:UInt64} AND partition = {partition:Int32} AND segment >= {from:Int64} AND segment < {to:Int64}
ORDER BY segment
