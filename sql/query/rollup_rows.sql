SELECT toInt64(count()) FROM rollup_cells WHERE ledger = {ledger:UInt64} AND run = {run:UInt64}
