package sql

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"

	"festival/sql/report"
)

// Disk is the room of the store's disk, bytes.
type Disk struct {
	Total, Free int64
	// Guard is below how many free bytes the store itself refuses flushes, 0: never. nil: it does not say, as a ClickHouse server.
	Guard *int64
}

// Disk asks the store for its disk, and the process that owns it for its guard.
func (s *Store) Disk(ctx context.Context) (d Disk, err error) {
	var totals, frees []int64
	var told guard
	ctx = context.WithValue(ctx, guardKey{}, &told)
	err = s.read(ctx, "disk", nil, []column{int64s(&totals), int64s(&frees)}, func(n int) error {
		for i := range n {
			d.Total, d.Free = totals[i], frees[i]
		}
		return nil
	})
	d.Guard = told.Load()
	return d, err
}

// guard is what answers under a context said of it.
type guard struct{ atomic.Pointer[int64] }

type guardKey struct{}

// listen notes what an answer says of the guard, where the request's context asks for it.
func listen(r *http.Response) {
	told, asked := r.Request.Context().Value(guardKey{}).(*guard)
	if !asked {
		return
	}
	if n, err := strconv.ParseInt(r.Header.Get(report.GuardHeader), 10, 64); err == nil {
		told.Store(&n)
	}
}
