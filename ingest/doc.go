// Package ingest reads the order log and counts it: records of the assigned partitions come in, raw rows, cells,
// seals and pulses go out to the store, and each acknowledged flush goes on to the board.
//
//	config.go     what can be set, and the stated bounds
//	ingest.go     the whole: assignment, partitions, flusher, pulse
//	recover.go    where a partition begins, and its fingerprints; replay.go: from raw rows; kept.go: from the generation before; phases.go: how long it took
//	signed.go     what operators have signed off; signoff.go: how they do
//	trust.go      whether the log is still the one that was counted
//	partition.go  one loop per partition: fetch -> count; ahead.go: decode -> verdict -> cells and raw rows
//	batch.go      what a partition has ready for the next flush; arena.go holds its strings
//	flush.go      every 200 ms: raw rows, then cells, then seals
//	retry.go      backoff while the world is bad
//	pulse.go      every second: where the log ends
//	metrics.go    what Prometheus sees; bound.go: all bounds in bytes; heap.go: the collector's pace
//
// Guarantees, by the order of the lines in flush.go: a cell is never stored before the raw rows it counts, a seal
// never before its cells, and nothing is shown before the store has acknowledged it. Nothing is ever skipped:
// a bad record is counted, kept and passed; a bad world stops that partition, retries and shows.
package ingest
