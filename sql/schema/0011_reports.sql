-- What each process last said of itself, for operators. Nothing is counted from it.
CREATE TABLE IF NOT EXISTS reports (
    ledger  UInt64,
    process String,
    at_ms   UInt64,
    json    String COMMENT 'sql/report.Report'
) ENGINE = ReplacingMergeTree(at_ms)
ORDER BY (ledger, process);
