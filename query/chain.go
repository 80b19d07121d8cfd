package query

import (
	"encoding/json"
	"errors"
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
	after     aggregate.Positions // of its after_close; nil while open
	closed    bool                // made after the close
	frozen    *aggregate.Frozen
}

// linkTo makes a frame the chain's end.
func linkTo(f *aggregate.Frame, second, seq int64, hash string) link {
	return link{second: second, seq: seq, hash: hash, positions: f.Positions, after: f.After, closed: f.Phase == "closed", frozen: f.Frozen}
}

// linkOf reads a stored official frame.
func linkOf(row sql.FrameRow) (link, error) {
	var f aggregate.Frame
	if err := json.Unmarshal([]byte(row.JSON), &f); err != nil {
		return link{}, fmt.Errorf("stored frame of second %d: %w", row.Second, err)
	}
	return linkTo(&f, row.Second, row.Seq, row.Hash), nil
}

// errBelow says that a cut is older than the last official frame's.
var errBelow = errors.New("older than the last official frame")

// follows checks that a frame's cut is not older than the chain's end: no figure on a screen falls, what came after a
// close neither; and a close is for good.
func (l *link) follows(f *aggregate.Frame) error {
	if l.closed && f.Phase != "closed" {
		return errors.New("the festival is closed")
	}
	return errors.Join(notBelow(l.positions, f.Positions), notBelow(l.after, f.After))
}

func notBelow(last, positions aggregate.Positions) error {
	for p, at := range last {
		if now, ok := positions[p]; !ok || now < at {
			return fmt.Errorf("partition %d is at %d, below %d of the last official frame: %w", p, now, at, errBelow)
		}
	}
	return nil
}

// verdict is what a record of the frames topic is, or why it is ignored. Its text is the metric's label.
type verdict string

const (
	official    verdict = "official"
	otherLedger verdict = "other_ledger"
	malformed   verdict = "malformed"
	gap         verdict = "gap"        // it follows a frame that this process has not seen: the prefix between is lost to it
	stale       verdict = "stale"      // its predecessor is not the chain's end: a second publisher's, a zombie's, a repetition
	notLater    verdict = "not_later"  // its second is not after the last one's: a clock behind
	future      verdict = "future"     // its second is too far after the time of its append: a clock ahead
	unsigned    verdict = "unsigned"   // it bears no signature: an older program's, or somebody else writes there
	forged      verdict = "forged"     // its signature is none of the ledger's keys': somebody else writes there
	unbalanced  verdict = "unbalanced" // its total is not the sum of its parts, though a serve has signed it
	unknownKey  verdict = ""           // of a keyring only: read the keys again, then it is forged
	below       verdict = "below"      // a position is below the last official frame's, or it opens what was closed
)

// maxAhead is how far the second of an official frame may lie past the time at which the broker appended it. The broker's
// clock is the same for every reader, so all decide alike; without a bound a clock that runs ahead by an hour would leave
// the screens without an official frame for an hour after it is mended.
const maxAhead = 5000 // ms

// nextOfficial says whether a record of the frames topic is the official frame after last (DESIGN.md §4). It is a pure
// function of the chain's end, the ledger's keys and the record, time of append included: processes that begin with the same
// frame and read the same log make the same chain. What is at or before the chain's end is passed unread; of the rest
// nothing is believed before the signature, not even that it proves a gap.
//
// Positions are not held against what the store has acknowledged: a serve's view of that depends on when it looked, so two
// could decide differently. That they are right is what the signature says.
func nextOfficial(last *link, ledger string, keys *keyring, c *proposal, appendMs int64) verdict {
	switch {
	case c.Ledger != ledger:
		return otherLedger
	case c.Seq <= last.seq:
		return stale
	}
	if v := keys.check(c.record, c.signature); v != official {
		return v
	}
	switch {
	case c.Seq > last.seq+1:
		return gap
	case c.Prev != last.hash:
		return stale
	case c.Second <= last.second:
		return notLater
	case c.Second*1000 > appendMs+maxAhead:
		return future
	case c.open() != nil:
		return malformed
	case c.balance() != nil:
		return unbalanced
	case last.follows(c.frame) != nil:
		return below
	}
	return official
}

// candidate is an official frame that is being stored: its rows are written again until the store has acknowledged
// them all, with the same bytes, because a write that failed may have reached the store.
type candidate struct {
	link
	prev   link // that it follows
	frame  *aggregate.Frame
	rows   []viewRow // windows first, the whole festival last: that row is what makes the frame official
	events []viewEvent
	marks  []sql.MilestoneRow
	table  milestoneTable // as of this frame
	offer  *sql.Closing   // stored before the frame, where this is the final one
}

type viewRow struct {
	view string
	row  sql.FrameRow
}

type viewEvent struct {
	view  string
	event *event
}

// errForked says that the store holds an official frame that this process's chain does not have, or lacks one that it has.
var errForked = errors.New("the chain of official frames in the store is not this process's")

// unstored holds a run of the chain, frames after prev, against the heads that the store has from prev's second on, as many
// as the run and prev are, and gives the frames that it lacks. errForked: it has another frame in the place of one of these,
// or has lost prev. Heads past the run are another process's that is further.
func unstored(prev link, run []*candidate, heads []sql.FrameRow) ([]*candidate, error) {
	ours := map[int64]link{prev.seq: prev}
	for _, c := range run {
		ours[c.seq] = c.link
	}
	newest, have := run[len(run)-1].seq, map[int64]bool{0: true} // nothing is before the first frame
	for _, h := range heads {
		if at := ours[h.Seq]; h.Seq <= newest && (at.hash != h.Hash || at.second != h.Second) {
			return nil, fmt.Errorf("%w: it holds frame %d, %.8s of second %d, which did not come this way; another process publishes the frames of this ledger: stop it, or start it with --follow or with the same kafka.frames_topic",
				errForked, h.Seq, h.Hash, h.Second)
		}
		have[h.Seq] = true
	}
	if !have[prev.seq] {
		return nil, fmt.Errorf("%w: it has lost frame %d, %.8s of second %d", errForked, prev.seq, prev.hash, prev.second)
	}
	var missing []*candidate
	for _, c := range run {
		if !have[c.seq] {
			missing = append(missing, c)
		}
	}
	return missing, nil
}
