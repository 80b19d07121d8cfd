package query

import (
	"context"
	"slices"
	"time"

	"festival/aggregate"
	"festival/sql"
	"festival/sql/report"
)

// operatorView is what operators want to know of the store, as of the last look. Immutable, replaced as a whole; what a look
// could not get stays as it was.
type operatorView struct {
	seals    map[int32]sql.SealRow
	verified aggregate.Positions // of the newest official frame that a recount found right
	verify   sql.VerifyState
	reports  []sql.ReportRow
	holds    []sql.HoldRow
	signoffs []sql.Signoff
	disk     sql.Disk // Total 0 where the store does not say
	counted  []countedAt
}

// countedAt is how many duplicates the newest frame told of at a moment.
type countedAt struct {
	at         time.Time
	duplicates int64
}

// times is what serve remembers of its own work for operators.
type times struct {
	started    time.Time
	store, age report.Ring
}

const (
	lookEvery  = 5 * time.Second
	paceFor    = 20 * time.Minute // of duplicates
	reportsFor = 10 * time.Minute // a process that said nothing for longer is not shown
)

// watchForOperators looks at the records until ctx ends.
func (p *publisher) watchForOperators(ctx context.Context) {
	for {
		next := p.lookUp(ctx, *p.view.Load())
		p.view.Store(&next)
		p.showRestarts()
		if !sleep(ctx, lookEvery) {
			return
		}
	}
}

// operators gives the view with what is known of verification by now.
func (p *publisher) operators() *operatorView {
	view, v := *p.view.Load(), p.verified.Load()
	view.verify, view.verified = v.state, v.positions
	return &view
}

func (p *publisher) showRestarts() {
	if p.cfg.Children == nil {
		return
	}
	for name, n := range p.cfg.Children() {
		p.metrics.restarts.WithLabelValues(name).Set(float64(n))
	}
}

// lookUp gives the records as they are now. One that the store does not give is kept: operators look at it most when the
// store is in trouble.
func (p *publisher) lookUp(ctx context.Context, r operatorView) operatorView {
	ctx, cancel := context.WithTimeout(ctx, lookEvery)
	defer cancel()
	ledger, store, now := p.cfg.prefix(), p.cfg.Store, p.cfg.Clock()
	if seals, err := store.LastSeals(ctx, ledger, p.cfg.partitions()); err == nil {
		r.seals = seals
	}
	if reports, err := store.Reports(ctx, ledger, now.Add(-reportsFor).UnixMilli()); err == nil {
		r.reports = reports
	}
	if holds, err := store.Holds(ctx, ledger); err == nil {
		r.holds = holds
	}
	if signoffs, err := store.Signoffs(ctx, ledger); err == nil {
		r.signoffs = signoffs
	}
	if disk, err := store.Disk(ctx); err == nil {
		r.disk = disk
	}
	r.counted = p.remembered(r.counted, now)
	return r
}

func (p *publisher) remembered(counted []countedAt, now time.Time) []countedAt {
	f := p.status.Load().frame
	if f == nil {
		return counted
	}
	old := slices.IndexFunc(counted, func(c countedAt) bool { return now.Sub(c.at) <= paceFor })
	if old < 0 {
		old = len(counted)
	}
	return append(slices.Clone(counted[old:]), countedAt{now, f.Total.Duplicates})
}

// processOf names the process that said last that it counts a partition.
func (r *operatorView) processOf(partition int32) *string {
	var newest *sql.ReportRow
	for i := range r.reports {
		row := &r.reports[i]
		if slices.Contains(row.Report.Partitions, partition) && (newest == nil || row.AtMs > newest.AtMs) {
			newest = row
		}
	}
	if newest == nil {
		return nil
	}
	return &newest.Process
}
