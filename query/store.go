package query

import (
	"context"
	"encoding/binary"
	"time"

	"festival/aggregate"
	"festival/sql"
)

// Store is what this package asks of festival/sql.Store. Every method may be called by several goroutines at once and
// may be repeated; errors are not final.
type Store interface {
	frameStore
	boardStore
	curveStore
	rejectStore
	recordStore
	operatorStore
	closeStore
}

// frameStore keeps official frames: immutable rows by window ("" is the whole festival) and second.
type frameStore interface {
	InsertFrames(ctx context.Context, ledger uint64, window string, rows []sql.FrameRow) error
	FrameAt(ctx context.Context, ledger uint64, window string, second int64) (sql.FrameRow, bool, error)
	LastFrame(ctx context.Context, ledger uint64, window string) (sql.FrameRow, bool, error)
	FrameHeads(ctx context.Context, ledger uint64, window string, from int64, limit int) ([]sql.FrameRow, error)
	FrameKeys(ctx context.Context, ledger uint64) ([]sql.FrameKey, error)
	InsertFrameKey(ctx context.Context, ledger uint64, key sql.FrameKey, nowMs int64) error
	Frames(ctx context.Context, ledger uint64, window string, from, to int64, row func(sql.FrameRow) error) error
}

// boardStore gives what a board loads and tails.
type boardStore interface {
	Progress(ctx context.Context, ledger uint64) ([]sql.CellRow, error)
	BoardSums(ctx context.Context, ledger uint64, firstUnfinished map[int32]int64, row func(sql.CellRow) error) error
	Tail(ctx context.Context, ledger uint64, positions map[int32]int64, row func(sql.CellRow) error) error
	Pulses(ctx context.Context, ledger uint64) ([]sql.PulseRow, error)
	RollUp(ctx context.Context, ledger uint64, partitions int, now time.Time, atLeast int64) (*sql.RollUp, error)
}

// curveStore answers history from cells and raw orders.
type curveStore interface {
	Series(ctx context.Context, ledger uint64, q sql.SeriesQuery) ([]sql.Point, error)
	Breakdown(ctx context.Context, ledger uint64, q sql.BreakdownQuery) ([]sql.KeySum, error)
	MerchantTotal(ctx context.Context, ledger uint64, merchant string, window uint8, closingMs int64) ([7]int64, error)
	MerchantSeries(ctx context.Context, ledger uint64, q sql.MerchantQuery) ([]sql.Point, error)
	RolledParts() int64
}

// rejectStore answers about records that could not be read, below the given positions.
type rejectStore interface {
	Rejects(ctx context.Context, ledger uint64, positions map[int32]int64, limit uint64) ([]sql.Reject, error)
	RejectCounts(ctx context.Context, ledger uint64, positions map[int32]int64) (map[string]int64, error)
}

// recordStore keeps what is appended about frames and segments.
type recordStore interface {
	Milestones(ctx context.Context, ledger uint64) ([]sql.MilestoneRow, error)
	InsertMilestone(ctx context.Context, ledger uint64, r sql.MilestoneRow) error
	Verifications(ctx context.Context, ledger uint64) ([]sql.VerificationRow, error)
	VerifyState(ctx context.Context, ledger uint64) (sql.VerifyState, error)
	LastSeals(ctx context.Context, ledger uint64, partitions []int32) (map[int32]sql.SealRow, error)
}

// operatorStore gives what only operators see, and keeps what they set on the walls.
type operatorStore interface {
	Reports(ctx context.Context, ledger uint64, sinceMs int64) ([]sql.ReportRow, error)
	Holds(ctx context.Context, ledger uint64) ([]sql.HoldRow, error)
	Signoffs(ctx context.Context, ledger uint64) ([]sql.Signoff, error)
	Disk(ctx context.Context) (sql.Disk, error)
	WallChanges(ctx context.Context, ledger uint64) ([]sql.WallChange, error)
	InsertWallChanges(ctx context.Context, ledger uint64, rows []sql.WallChange) error
}

// closeStore keeps what people ask for, holds and a close, and what a close is made of.
type closeStore interface {
	holdStore
	Ledgers(ctx context.Context) ([]sql.Ledger, error)
	Closing(ctx context.Context, ledger uint64) (sql.Closing, bool, error)
	CloseAsked(ctx context.Context, ledger uint64, sinceMs int64) (sql.CloseRequest, bool, error)
	NoteClosed(ctx context.Context, ledger uint64, c sql.Closing, nowMs int64) error
	ClosedNotes(ctx context.Context, ledger uint64) ([]sql.ClosedNote, error)
	AnswerClose(ctx context.Context, ledger uint64, requestMs, answerMs int64, answer string) error
	CutCells(ctx context.Context, ledger uint64, atMs int64) error
	OfferClosing(ctx context.Context, ledger uint64, c sql.Closing) error
	ClosingCells(ctx context.Context, ledger uint64, atMs int64, row func(sql.CellRow) error) error
	ClosingProgress(ctx context.Context, ledger uint64, atMs int64) ([]sql.CellRow, error)
	ClosingSums(ctx context.Context, ledger uint64, atMs int64, row func(sql.CellRow) error) error
	Cells(ctx context.Context, ledger uint64, partition int32, first, end int64, row func(sql.CellRow) error) error
	Seals(ctx context.Context, ledger uint64, partition int32, from, to int64, row func(sql.SealRow) error) error
}

// prefix is a ledger's number in the tables: the first eight bytes of its id, big endian.
func (c *Config) prefix() uint64 { return binary.BigEndian.Uint64(c.Ledger[:8]) }

// measuresOf reads stored measures (sql.CellRow.M).
func measuresOf(m [7]int64) aggregate.Measures {
	return aggregate.Measures{Orders: m[0], GmvFen: m[1], MobileOrders: m[2], MobileGmvFen: m[3], Created: m[4],
		Refunds: m[5], RefundFen: m[6]}
}

func cellOf(r sql.CellRow) aggregate.Cell {
	return aggregate.Cell{Window: r.Window, Dim: aggregate.Dim(r.Dim), Partition: r.Partition, Segment: r.Segment,
		Bucket: r.Bucket, Revision: r.Revision, Key: r.Key, M: measuresOf(r.M)}
}

// progressOf reads a stored progress row: its measures are other numbers (sql.CellRow).
func progressOf(r sql.CellRow) aggregate.Progress {
	return aggregate.Progress{Partition: r.Partition, Next: r.Revision, LastMs: r.M[3], MaxEventMs: r.M[4],
		Tail: aggregate.Tail{BaseOffset: r.M[0], CRC: uint32(r.M[1]), LeaderEpoch: int32(r.M[2])}}
}

func pulseOf(r sql.PulseRow) aggregate.Pulse {
	return aggregate.Pulse{Partition: r.Partition, StableEnd: r.StableEnd, HighWatermark: r.HighWatermark, AtMs: r.AtMs,
		Stopped: r.Stopped}
}

func pointsOf(rows []sql.Point) []point {
	out := make([]point, len(rows))
	for i, r := range rows {
		out[i] = point{r.T, measuresOf(r.M)}
	}
	return out
}
