// Package verify recounts a ledger with the second reading of the rules (aggregate/recount) and holds the result
// against everything that the store says: cells, seals, progress, raw rows and official frames. In go a store, a
// ledger and a Kafka; out comes a Result that names every difference, the first thousand of them in full.
//
//	config.go    what can be set
//	result.go    what comes out
//	run.go       the whole: plan, partitions side by side, frames
//	plan.go      up to where, and from which source each stretch of a partition is read
//	worker.go    one partition: every record counted, every checkpoint taken
//	kafka.go     records through franz-go, not through our own batch reader
//	damage.go    which batch of the log is damaged
//	rawrows.go   raw rows in the order of the log; fromorders.go recounts from them
//	compare.go   raw rows against the log, field by field
//	tail.go      the last batch that was counted
//	cells.go     cells and seals.go seals of each segment as it is finished
//	stands.go    where frames stand; sheet.go brings the partitions' changes together there
//	missed.go    thresholds that the chain shows and no record names
//	chain.go     the hash chain of official frames; frames.go their figures and milestones; closing.go the close
//	gaps.go      what an operator took out of the log
//	split.go     order ids that came in two partitions
//	text.go      the result in words; progress.go how far long work is
//	follow.go    behind the live edge, frame by frame; tracker.go one partition of it; followframe.go one frame;
//	followchain.go what was compared, looked at again
//
// Nothing is written to the store but the records of Follow. What is read while ingest goes on is one consistent cut: a partition's progress
// and its unfinished cells come in one SELECT, and finished segments never change (DESIGN.md §2).
package verify
