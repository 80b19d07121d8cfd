package bridge

import (
	"fmt"
	"sync/atomic"
)

// fullBelow is how many free bytes a disk has at most where writes are taken to have failed.
const fullBelow = 16 << 20

// A full disk can break what the engine answers for: ClickHouse 26.7.2 now and then acknowledges an insert whose part cannot be read
// (heal.go has the same of merges), and such a part has no sources that could stand again. So no statement that writes is acknowledged
// where the disk was full at any moment while it ran: it fails as one that met the full disk itself, and whoever sent it sends it again.
// Moments are seen that the watch sees (every lookEvery) or that lie at a statement's begin or end, or between pieces of its data.
type fullness struct {
	disk DiskFunc
	seen atomic.Int64 // looks at which the disk was full
}

// look says whether the disk is full now.
func (f *fullness) look() bool {
	if f.disk == nil {
		return false
	}
	d, err := f.disk()
	if err != nil || d.Free >= fullBelow {
		return false
	}
	f.seen.Add(1)
	return true
}

// since looks and says whether the disk was full after an earlier value of seen.
func (f *fullness) since(seen int64) bool { return f.look() || f.seen.Load() != seen }

// whole is the error of a statement during which the disk was full, nil where it was not. The parts are checked then.
func (s *Server) whole(req *request, seen int64) error {
	if !req.writes || !s.full.since(seen) {
		return nil
	}
	s.check()
	return exception(codeNoSpace, fmt.Sprintf("the disk of %s was full while this was written, and what is written then may be broken: make room, and send it again", s.path))
}
