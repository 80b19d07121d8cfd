package query

import (
	"encoding/json"
	"fmt"

	"festival/aggregate"
	"festival/sql"
)

// link is the newest official frame of the chain: what the next one has to follow.
type link struct {
	second    int64 // Unix seconds; 0 before the first frame
	seq       int64
	hash      string // of the first frame's predecessor: the ledger id
	positions aggregate.Positions
}

// linkOf reads a stored official frame.
func linkOf(row sql.FrameRow) (link, error) {
	var f struct {
		Positions aggregate.Positions `json:"positions"`
	}
	if err := json.Unmarshal([]byte(row.JSON), &f); err != nil {
		return link{}, fmt.Errorf("stored frame of second %d: %w", row.Second, err)
	}
	return link{second: row.Second, seq: row.Seq, hash: row.Hash, positions: f.Positions}, nil
}

// follows checks that a frame's cut is not older than the chain's end: no figure on a screen falls.
func (l *link) follows(positions aggregate.Positions) error {
	for p, at := range l.positions {
		if now, ok := positions[p]; !ok || now < at {
			return fmt.Errorf("partition %d is at %d, below %d of the last official frame", p, now, at)
		}
	}
	return nil
}

// candidate is an official frame that is being stored: its rows are written again until the store has acknowledged
// them all, with the same bytes, because a write that failed may have reached the store.
type candidate struct {
	link
	frame  *aggregate.Frame
	rows   []viewRow // windows first, the whole festival last: that row is what makes the frame official
	events []viewEvent
	marks  []sql.MilestoneRow
	table  milestoneTable // as of this frame
}

type viewRow struct {
	view string
	row  sql.FrameRow
}

type viewEvent struct {
	view  string
	event *event
}
