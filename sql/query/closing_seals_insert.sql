INSERT INTO closing_seals (ledger, closing_ms, partition, segment, first, end, cells, last_ms, max_event_ms, prev, hash)
