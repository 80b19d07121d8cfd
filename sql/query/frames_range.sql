-- Official frames of a range of seconds; a window's only beside the whole festival's, as in frames_at.
SELECT second, seq, hash, json
FROM frames FINAL
WHERE ledger = {ledger:UInt64} AND window = {window:String} AND second >= {from:Int64} AND second < {to:Int64}
    AND (window = '' OR (second, hash) IN (
        SELECT second, hash FROM frames FINAL
        WHERE ledger = {ledger:UInt64} AND window = '' AND second >= {from:Int64} AND second < {to:Int64}))
ORDER BY second
