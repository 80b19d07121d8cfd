// Package kafka is Festival's way into the order log.
//
// In: a topic of a Kafka cluster. Out: records in offset order, exactly those that a read_committed consumer may see, each once, or an
// error that names the offset at which reading had to stop. Nothing is ever skipped: a batch whose bytes are not what the
// producer sent, an offset that retention has passed, a log that was replaced are errors of the log (Kind), not gaps.
//
// kafka-go (v0.4.51, pinned) does connections, metadata, routing, TLS, SASL, groups and the produce exchange. Record batches
// are read by this package from the raw fetch response, because kafka-go's Reader and Conn do not check CRCs, hand out aborted
// and control records, and jump silently over lost offsets.
//
//	config.go    what can be set                    errors.go    the kinds of stop, and what may be retried
//	client.go    one transport for life             identity.go  cluster, topic, partition count
//	admin.go     create the topic                   offsets.go   log start, stable end and high watermark
//	fetch.go     one fetch exchange                 response.go  its answer
//	reader.go    one partition, with read-ahead     cursor.go    records out of batches
//	batch.go     batch header and CRC               record.go    one record
//	unpack.go    the codecs (lz4.go: one of them)   aborted.go   transactions that never happened
//	tail.go      is the log still the same?         group.go     which partitions are ours
//	produce.go   idempotent producer                encode.go    batches out of records
//	refused.go   closed doors in words
//
// A Client is safe for concurrent use; a Reader, Encoder and the cursor inside belong to one goroutine.
package kafka
