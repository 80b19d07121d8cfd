INSERT INTO pulse (ledger, partition, stable_end, high_watermark, at_ms, stopped)
