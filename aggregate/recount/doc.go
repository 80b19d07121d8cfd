// Package recount is the second reading of the rules: slow, obvious, and independent. Record values and rules come
// in as plain bytes; orders, verdicts, cells, seals and the figures of frames go out.
//
// It exists to be held against the fast path (package aggregate and ingest/decode), in tests and by `festival
// verify`. So it shares no decoding or counting code with it, imports nothing of ours, keeps its own copy of the
// contract's lists in data/, and prefers what a reader can check with a finger on the line of CONTRACT.md §1 or of RFC 8259:
// a grammar with one method a rule (held against encoding/json by a fuzz test), tables, math/big, maps. Where the two readings
// differ, docs/definitions.md decides which one is wrong.
//
// The way through the package: ReadRules (the sealed ledger document) -> Decode (one value) -> Partition (verdicts
// and cells of one partition's log) -> Segment (a finished segment with its seal) and Figures (what a frame shows).
package recount
