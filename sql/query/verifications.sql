SELECT second, frame_hash, recorded_ms, source, equal, detail
FROM verifications FINAL
WHERE ledger = {ledger:UInt64}
ORDER BY recorded_ms, second
