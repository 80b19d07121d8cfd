INSERT INTO rollups (ledger, made_ms, guard, document)
