SELECT partition, stable_end, high_watermark, toInt64(at_ms) AS at_ms, stopped
FROM pulse FINAL
WHERE ledger = {ledger:UInt64}
ORDER BY partition
