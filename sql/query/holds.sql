SELECT at_ms, held, who, reason
FROM holds FINAL
WHERE ledger = {ledger:UInt64}
ORDER BY at_ms, held
