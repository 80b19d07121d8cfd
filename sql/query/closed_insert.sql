INSERT INTO closed (ledger, closing_ms, second, frame_hash, who, recorded_ms)
