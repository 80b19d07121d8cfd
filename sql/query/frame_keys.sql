SELECT DISTINCT secret, recorded_ms
FROM frame_keys
WHERE ledger = {ledger:UInt64}
ORDER BY recorded_ms, secret
