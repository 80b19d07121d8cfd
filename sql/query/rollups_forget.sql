ALTER TABLE rollups DELETE WHERE ledger = {ledger:UInt64} AND made_ms < {before:Int64} SETTINGS mutations_sync = 1
