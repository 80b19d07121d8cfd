SELECT
    toInt64(uniqExactIf(frame_hash, equal = 1)) AS verified,
    toInt64(countIf(equal = 0)) AS different,
    maxIf(second, equal = 1) AS newest,
    argMaxIf(frame_hash, second, equal = 1) AS newest_hash,
    maxIf(recorded_ms, equal = 0) AS different_ms,
    argMaxIf(detail, recorded_ms, equal = 0) AS detail
FROM verifications FINAL
WHERE ledger = {ledger:UInt64}
