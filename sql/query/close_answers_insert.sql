INSERT INTO close_answers (ledger, request_ms, answer_ms, answer)
