-- All closings that stood once. there: the closing and its final frame are both stored still.
SELECT closing_ms, second, frame_hash, who,
    toUInt8((closing_ms, frame_hash) IN (SELECT closing_ms, frame_hash FROM closings WHERE ledger = {ledger:UInt64})
        AND (second, frame_hash) IN (
            SELECT second, hash FROM frames
            WHERE ledger = {ledger:UInt64} AND window = '' AND second IN (SELECT second FROM closed WHERE ledger = {ledger:UInt64}))) AS there
FROM closed FINAL
WHERE ledger = {ledger:UInt64}
ORDER BY closing_ms
