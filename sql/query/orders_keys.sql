-- What the duplicate rule compares, of one partition before an offset. Double rows do no harm in a set: no FINAL.
SELECT order_id, toUInt8(status), refund_id
FROM orders
WHERE ledger = {ledger:UInt64} AND partition = {partition:Int32} AND offset < {before:Int64}
