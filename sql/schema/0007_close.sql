-- A closing is offered by its row in closings and stands once the frame that it names is an official one (table frames):
-- that one row is the moment of the close.
ALTER TABLE closings
    ADD COLUMN IF NOT EXISTS second Int64 COMMENT 'of the final frame, Unix seconds',
    ADD COLUMN IF NOT EXISTS who String,
    ADD COLUMN IF NOT EXISTS document String COMMENT 'RFC 8785 JSON, docs/definitions.md';

CREATE VIEW IF NOT EXISTS closing_now AS SELECT * FROM closing_cells FINAL;

-- What `festival close` asks of the process that makes the official frames, and what that one answers; an accepted
-- request needs no answer, the closing is one.
CREATE TABLE IF NOT EXISTS close_requests (
    ledger     UInt64,
    request_ms Int64,
    who        String,
    anyway     String COMMENT 'reason of --anyway, else empty'
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, request_ms, who);

CREATE TABLE IF NOT EXISTS close_answers (
    ledger     UInt64,
    request_ms Int64,
    answer_ms  Int64,
    answer     String COMMENT 'why it was not done'
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, request_ms, answer_ms);

-- Holds of the shown number: appended, never changed; the newest record says whether the screens rest.
CREATE TABLE IF NOT EXISTS holds (
    ledger  UInt64,
    at_ms   Int64,
    held    UInt8 COMMENT '1 hold, 0 release',
    who     String,
    reason  String
) ENGINE = ReplacingMergeTree
ORDER BY (ledger, at_ms, held, who);
