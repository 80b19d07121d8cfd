-- Of a partition's pulses, and of a process's reports, the one that was written last stands, not the one with the largest at_ms: a
-- clock that was ahead and is set back would leave one of the future, which none of the true ones after it could replace. The tables
-- are made anew and empty: whoever writes them does so again within seconds.
DROP TABLE IF EXISTS pulse;
CREATE TABLE IF NOT EXISTS pulse (
    ledger         UInt64,
    partition      Int32,
    stable_end     Int64,
    high_watermark Int64,
    at_ms          UInt64,
    stopped        String
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, partition);
DROP TABLE IF EXISTS reports;
CREATE TABLE IF NOT EXISTS reports (
    ledger  UInt64,
    process String,
    at_ms   UInt64,
    json    String COMMENT 'sql/report.Report'
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, process);
