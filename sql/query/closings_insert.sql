INSERT INTO closings (ledger, closing_ms, reason, frame_hash, frame_json)
