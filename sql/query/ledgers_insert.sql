INSERT INTO ledgers (ledger, id, festival, serial, document, log_start, created_ms)
