-- Where the official frames of the whole festival stand: their positions without the rest of their bytes.
SELECT second, seq, hash, JSONExtractRaw(json, 'positions') AS positions
FROM frames FINAL
WHERE ledger = {ledger:UInt64} AND window = ''
ORDER BY second
