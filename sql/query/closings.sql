-- The closing whose final frame is in the chain of official frames. Frames are looked for at the offered seconds only.
SELECT closing_ms, who, reason, second, frame_hash, frame_json, document
FROM closings
WHERE ledger = {ledger:UInt64} AND (second, frame_hash) IN (
    SELECT second, hash FROM frames
    WHERE ledger = {ledger:UInt64} AND window = '' AND second IN (SELECT second FROM closings WHERE ledger = {ledger:UInt64}))
ORDER BY closing_ms
LIMIT 1
