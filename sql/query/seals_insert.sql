INSERT INTO seals (ledger, partition, segment, first, end, cells, last_ms, max_event_ms, prev, hash, era)
