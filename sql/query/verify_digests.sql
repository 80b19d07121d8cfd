-- A sum over the cells of every segment that the recount can make too (aggregate/recount, Digest): of the SHA-256 of each
-- cell's line in the text of seals the first 16 bytes as two little-endian numbers, added up modulo 2^64. Zero cells do
-- not count. One scan for all segments: the sort key knows nothing of segments, so each of them alone would cost as much.
SELECT partition, segment, count() AS cells, min(revision) AS lowest, max(revision) AS highest, sum(reinterpretAsUInt64(substring(sha, 1, 8))) AS low,
    sum(reinterpretAsUInt64(substring(sha, 9, 8))) AS high
FROM (
    SELECT partition, segment, revision, SHA256(concat(toString(window), '\t', toString(dim), '\t', lower(hex(key)), '\t',
        toString(bucket), '\t', toString(orders), '\t', toString(gmv_fen), '\t', toString(mobile_orders), '\t',
        toString(mobile_gmv_fen), '\t', toString(created), '\t', toString(refunds), '\t', toString(refund_fen), '\n')) AS sha
    FROM cells_now
    WHERE ledger = {ledger:UInt64} AND dim != 'progress'
      AND (orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen) != (0, 0, 0, 0, 0, 0, 0)
)
GROUP BY partition, segment
ORDER BY partition, segment
