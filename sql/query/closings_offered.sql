-- All closings that were ever offered, void ones too.
SELECT closing_ms, who, reason, second, frame_hash, frame_json, document
FROM closings
WHERE ledger = {ledger:UInt64}
ORDER BY closing_ms
