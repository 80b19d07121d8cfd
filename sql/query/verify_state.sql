-- The sums of the verification records. A frame is right where a recount found it so and none found it wrong.
SELECT
    toInt64(countIf(right)) AS verified,
    toInt64(sum(wrong)) AS different,
    maxIf(second, right) AS newest,
    argMaxIf(frame_hash, second, right) AS newest_hash,
    max(wrong_ms) AS different_ms,
    argMax(said, wrong_ms) AS detail
FROM (
    SELECT second, frame_hash, min(equal) = 1 AS right, countIf(equal = 0) AS wrong, maxIf(recorded_ms, equal = 0) AS wrong_ms,
        argMaxIf(detail, recorded_ms, equal = 0) AS said
    FROM verifications FINAL
    WHERE ledger = {ledger:UInt64}
    GROUP BY second, frame_hash
)
