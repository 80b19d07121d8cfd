INSERT INTO verifications (ledger, second, frame_hash, recorded_ms, source, equal, detail)
