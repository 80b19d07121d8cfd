INSERT INTO reports (ledger, process, at_ms, json)
