-- Sign-offs of a ledger in the order in which they were made; of a gap's era the oldest row stands.
SELECT toUInt8(kind), partition, era, segment, first, end, signed_by, reason, at_ms, world, hash
FROM (SELECT * FROM signoffs WHERE ledger = {ledger:UInt64}
      ORDER BY at_ms, hash LIMIT 1 BY partition, kind, if(kind = 'gap', toString(era), hash))
ORDER BY at_ms, hash
