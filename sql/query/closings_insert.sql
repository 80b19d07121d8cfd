INSERT INTO closings (ledger, closing_ms, who, reason, second, frame_hash, frame_json, document)
