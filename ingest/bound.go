package ingest

import "festival/ingest/pace"

// memoryPart is one part of what ingest may hold, in bytes.
type memoryPart struct {
	of    string
	bytes int64
}

// The most that one of a thing takes. Texts of a record are at most 11 of 64 bytes, each with its length in one; its other columns take 89
// bytes, and a column that grows by a quarter at a time may be that much too long. A changed cell stands in the update (136 bytes) and
// as a row of the insert (128), each with a key of at most 64 bytes.
const (
	fingerprintBytes = 24
	rowBytes         = (11*65 + 89) * 5 / 4
	cellBytes        = 136 + 128 + 64
	answerBytes      = 128 << 20 // ingest/kafka refuses a longer answer
	unpackedBytes    = 64 << 20  // and a batch that unpacks to more
)

// memoryBound is the sum of all stated bounds of a process, by part: what ingest may hold at the worst, every record and every batch as
// long as it may be. A festival of ordinary records stays far below.
func (c Config) memoryBound() []memoryPart {
	rows, partitions := int64(c.BufferedRows), int64(c.Ledger.Identity.Partitions)
	return []memoryPart{
		{"fingerprints", c.Events * fingerprintBytes},
		{"standby", c.Standby * fingerprintBytes},
		{"rows", 3 * rows * rowBytes},             // filling, being stored, left behind at rebalances
		{"inserts", rows * rowBytes},              // the block on its way
		{"rejects", 4 * maxRejectBytes},           // the same, and on their way
		{"cells", 2 * maxCells * cellBytes},       // an update, and the one before that the board has
		{"fetches", 2 * partitions * answerBytes}, // read-ahead
		{"unpacked", partitions * unpackedBytes},  // the batch that is read
		{"collector", pace.Room},                  // garbage that waits
	}
}
