SELECT topic, min(recorded_ms)
FROM frame_topics
WHERE ledger = {ledger:UInt64}
GROUP BY topic
ORDER BY min(recorded_ms), topic
