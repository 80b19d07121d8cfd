INSERT INTO holds (ledger, at_ms, held, who, reason)
