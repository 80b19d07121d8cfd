SELECT window, threshold_fen, toUInt8(kind), second, frame_hash, recorded_ms
FROM milestones FINAL
WHERE ledger = {ledger:UInt64}
ORDER BY recorded_ms, window, threshold_fen, kind, second
