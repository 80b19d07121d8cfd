INSERT INTO frames (ledger, window, second, seq, hash, json)
