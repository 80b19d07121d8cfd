-- Where the official frames of the whole festival stand: their positions without the rest of their bytes; of frames of a
-- closed festival also up to where they count what came after.
SELECT second, seq, hash, concat('{"positions":', JSONExtractRaw(json, 'positions'),
    if(JSONHas(json, 'after_positions'), concat(',"after_positions":', JSONExtractRaw(json, 'after_positions')), ''), '}') AS stand
FROM frames FINAL
WHERE ledger = {ledger:UInt64} AND window = ''
ORDER BY second
