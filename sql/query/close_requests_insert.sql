INSERT INTO close_requests (ledger, request_ms, who, anyway)
