SELECT catalogue, code, name FROM codes FINAL WHERE ledger = {ledger:UInt64} ORDER BY catalogue, code
