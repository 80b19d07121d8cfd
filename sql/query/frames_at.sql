-- The official frame of a second, or the last one before it. A window's row counts only beside the whole festival's, which is
-- stored last and makes the frame official: a stop between the two leaves window rows that were never shown.
SELECT second, seq, hash, json
FROM frames FINAL
WHERE ledger = {ledger:UInt64} AND window = {window:String} AND (second, hash) IN (
    SELECT second, hash FROM frames FINAL
    WHERE ledger = {ledger:UInt64} AND window = '' AND second <= {second:Int64}
    ORDER BY second DESC
    LIMIT 1)
ORDER BY second DESC
LIMIT 1
