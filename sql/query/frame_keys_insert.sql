INSERT INTO frame_keys (ledger, secret, recorded_ms)
