// Package aggregate is the pure core of Festival: decoded order events come in, verdicts, cells, seals, and
// frames go out. It imports the standard library only and has no clock, no I/O, no goroutine and no float, so
// that every figure is a function of a prefix of the order log and nothing else.
//
// The way through the package is the way of the data: Order (what a record says) -> Core (verdict, fingerprints,
// cells of the open segment) -> Update (what one flush stores) -> Board (folds updates) -> Frame (what a screen
// shows). The sub-package recount is a second, slow and obvious reading of the same rules and shares no decoding
// or counting code with this one; docs/definitions.md decides where the two differ.
package aggregate
