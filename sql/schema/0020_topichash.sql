-- A topic that an operator signed off bears a hash as gaps and recounts do (0008): what was compared stands in world.
ALTER TABLE topic_ids
    ADD COLUMN IF NOT EXISTS world String COMMENT 'what was compared of each partition; empty: noted by a program, or signed before this column',
    ADD COLUMN IF NOT EXISTS hash  String COMMENT 'SHA-256 of the record''s RFC 8785 JSON without hash, 64 lower hex digits; empty as world';
