INSERT INTO signoffs (ledger, kind, partition, era, segment, first, end, signed_by, reason, at_ms, world, hash)
