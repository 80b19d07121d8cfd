-- A ledger: what was counted and by which rules. The oldest row of a ledger is the ledger (log_start is decided
-- once); closed ledgers have a row in closings.
CREATE TABLE IF NOT EXISTS ledgers (
    ledger     UInt64 COMMENT 'first 8 bytes of the id, big endian; every table bears it',
    id         String COMMENT 'SHA-256 of the document, 64 lower hex digits',
    festival   String,
    serial     Int64,
    document   String COMMENT 'RFC 8785 JSON, exactly the bytes that were hashed',
    log_start  Array(Int64) COMMENT 'by partition: the first offset that the log had when the ledger began; not hashed',
    created_ms Int64
) ENGINE = MergeTree ORDER BY (ledger, created_ms);

-- The names of the codes in orders, by ledger: code 0 is unknown.
CREATE TABLE IF NOT EXISTS codes (
    ledger UInt64,
    catalogue String COMMENT 'currency, country, province, device, channel, marketplace, category',
    code   UInt8,
    name   String
) ENGINE = ReplacingMergeTree ORDER BY (ledger, catalogue, code);
