package query

import "context"

// FramesLog is the topic in which several serves agree on the official frames (DESIGN.md §4): one partition, records in one
// order for all readers, each with the broker's time of append. Nothing in it is trusted for more than that order and that
// time, and anybody may write into it: which record is official is decided by nextOfficial. Methods may be called by several
// goroutines at once.
type FramesLog interface {
	// Read gives the records from the log's start on, in order, then waits for more, until ctx ends (nil) or the log cannot
	// be read on (it was cut below the reader, replaced, damaged). What may pass is tried again inside and said to trouble,
	// which is told nil when it has passed. After each answer of the broker, end has the next offset to read and where the
	// log ends; an error of record or end ends Read with it. value and signature (nil where there is none) are valid during
	// the call. All that one answer brings was in the log before the first record of it is given.
	Read(ctx context.Context, record func(offset, appendMs int64, value, signature []byte) error, end func(next, end int64) error,
		trouble func(error)) error
	// Append adds a record with its signature beside it and gives its offset, -1 where the broker does not say. After an
	// error the record may be in the log nevertheless, or still come: the readers see.
	Append(ctx context.Context, value, signature []byte) (int64, error)
	// Hold takes part in the group that gives the topic's only partition to one process, until ctx ends. held hears of each
	// assignment, and false at the end; between two assignments the last one stands. It is no fence and need not be one.
	Hold(ctx context.Context, held func(bool), trouble func(error)) error
}
