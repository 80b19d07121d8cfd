INSERT INTO codes (ledger, catalogue, code, name)
