INSERT INTO frame_topics (ledger, topic, recorded_ms)
