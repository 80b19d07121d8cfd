INSERT INTO wall_changes (ledger, wall, field, at_ms, who, value)
