INSERT INTO milestones (ledger, window, threshold_fen, kind, second, frame_hash, recorded_ms)
