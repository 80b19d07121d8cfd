CREATE TABLE IF NOT EXISTS schema_migrations (
    version    Int64,
    name       String,
    applied_ms Int64
) ENGINE = ReplacingMergeTree ORDER BY version
