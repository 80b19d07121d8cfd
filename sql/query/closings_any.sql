-- Whether a closing was ever offered: until then nobody has to look among the frames.
SELECT closing_ms FROM closings WHERE ledger = {ledger:UInt64} LIMIT 1
