-- How many frames of single windows stand beside no frame of the whole festival, before the newest one (a second may just be
-- being written): left by a stop in the middle of a write, never official and never served.
SELECT count()
FROM frames FINAL
WHERE ledger = {ledger:UInt64} AND window != '' AND (second, hash) NOT IN (
        SELECT second, hash FROM frames FINAL WHERE ledger = {ledger:UInt64} AND window = '')
    AND second < (SELECT max(second) FROM frames WHERE ledger = {ledger:UInt64} AND window = '')
