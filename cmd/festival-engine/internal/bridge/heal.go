package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"festival/cmd/festival-engine/internal/libchdb"
)

// A merge that meets a full disk can end as if it had succeeded and leave a part that cannot be read (ClickHouse 26.7.2: an
// empty marks file of a compact part; neither fsync settings nor plain marks change that). Its sources stay on disk for
// old_parts_lifetime, 8 minutes as the store sets it (sql/tune.go; the engine's own is 0), and stand again when the engine is started anew, because a broken part is then set
// aside. (An insert that met it is not acknowledged: full.go.) So every part is checked once the disk has been full, or when a statement met broken data; if one is broken the
// engine ends, and whoever runs it starts it again. Nothing is lost, and nothing wrong is ever answered: reading a broken
// part is an error.
const (
	lookEvery  = 25 * time.Millisecond // one system call; a shorter moment is found by who reads the part
	checkAfter = time.Second           // after there is room again, or after broken data was met
	checkAgain = 15 * time.Second      // once more: for merges that ended later
)

// brokenData are the codes with which a statement says that a part cannot be read: CHECKSUM_DOESNT_MATCH,
// NO_FILE_IN_DATA_PART, CORRUPTED_DATA.
var brokenData = []int{40, 226, 246}

// ErrBroken says that the engine has to start anew, so that the sources of a broken part stand again.
var ErrBroken = errors.New("a part of a table is broken: the engine starts anew, so that the parts it was made of stand again")

// Watch looks for parts that a full disk has broken until ctx ends (nil) or one is found (ErrBroken).
func (s *Server) Watch(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	full, due := false, []time.Time(nil)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.doubted:
			if soon := time.Now().Add(checkAfter); !full && (len(due) == 0 || due[0].After(soon)) { // after a full disk there is one anyway
				due = append([]time.Time{soon}, due...)
			}
		case <-tick.C:
		}
		switch now := s.full.look(); {
		case full && !now:
			s.log.Warn("the disk was full; all parts are checked")
			due = append(due, time.Now().Add(checkAfter), time.Now().Add(checkAgain))
			full = false
		case now:
			full = true
		}
		if len(due) > 0 && !full && time.Now().After(due[0]) {
			due = due[1:]
			if err := s.checkParts(ctx); err != nil {
				return err
			}
		}
	}
}

// doubt asks for a check where a statement failed because of broken data.
func (s *Server) doubt(err error) {
	var e *libchdb.Exception
	if errors.As(err, &e) && slices.Contains(brokenData, e.Code) {
		s.check()
	}
}

// check asks for a check of all parts; one that is asked for already is enough.
func (s *Server) check() {
	select {
	case s.doubted <- struct{}{}:
	default:
	}
}

// checkParts holds every part of every table against its checksums. It reads all data once: seconds for ten million orders.
func (s *Server) checkParts(ctx context.Context) error {
	conn, err := s.session()
	if err != nil {
		return err
	}
	defer conn.Close()
	tables, err := lines(conn, "SELECT format('{}.{}', database, name) FROM system.tables WHERE engine LIKE '%MergeTree'")
	if err != nil {
		return fmt.Errorf("tables to check: %w", err)
	}
	for _, table := range tables {
		if ctx.Err() != nil {
			return nil
		}
		said, err := lines(conn, "CHECK TABLE "+table+" SETTINGS check_query_single_value_result = 1")
		if err != nil && !slices.Contains(brokenData, asException(err).Code) {
			s.log.Warn("a table could not be checked", "table", table, "error", err)
			continue
		}
		if err != nil || !slices.Equal(said, []string{"1"}) {
			return fmt.Errorf("%w: table %s", ErrBroken, table)
		}
	}
	s.log.Info("all parts are whole", "tables", len(tables))
	return nil
}

func lines(conn *libchdb.Conn, statement string) ([]string, error) {
	r, err := conn.Query(statement, "TabSeparated", nil)
	if err != nil {
		return nil, err
	}
	defer r.Free()
	return strings.Fields(string(r.Bytes())), nil
}
