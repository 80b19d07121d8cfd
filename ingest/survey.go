package ingest

import (
	"context"
	"fmt"
	"sync"

	"festival/sql"
)

// survey is what the store says of partitions that are recovered at the same time, each thing asked for once, when the first of them wants
// it: at a takeover the round trips to a busy store are most of the time in which a partition stands still. An answer or error stays;
// whoever tries again takes a new survey. What a broker tells is not in it: a dead one would hold up the partitions of the others.
type survey struct {
	seals    func() (map[int32]sql.SealRow, error) // the last one of each partition
	progress func() ([]sql.CellRow, error)         // of all partitions of the ledger
	signoffs func() ([]sql.Signoff, error)         // of all partitions of the ledger
}

// newSurvey asks nothing yet, and nothing before the store has, or never will have, all that was taken of the kept cores.
func (in *Ingest) newSurvey(ctx context.Context, partitions []int32, cores ...*kept) *survey {
	store, ledger := in.cfg.Store, in.cfg.Ledger.Prefix
	return &survey{
		seals: once(ctx, "last seal", cores, func() (map[int32]sql.SealRow, error) {
			return store.LastSeals(ctx, ledger, partitions)
		}),
		progress: once(ctx, "progress", cores, func() ([]sql.CellRow, error) { return store.Progress(ctx, ledger) }),
		signoffs: once(ctx, "sign-offs", cores, func() ([]sql.Signoff, error) { return store.Signoffs(ctx, ledger) }),
	}
}

// surveys gives the partitions of a generation their surveys for the first attempt: one for those that have to be read, and one, which
// waits, for those that may go on where they were.
func (in *Ingest) surveys(ctx context.Context, parts []*partition) {
	var read, going []int32
	var cores []*kept
	for _, p := range parts {
		if p.kept == nil {
			read = append(read, p.id)
		} else {
			going, cores = append(going, p.id), append(cores, p.kept)
		}
	}
	anew, on := in.newSurvey(ctx, read), in.newSurvey(ctx, going, cores...)
	for _, p := range parts {
		if p.survey = on; p.kept == nil {
			p.survey = anew
		}
	}
}

// asks gives the survey for an attempt: the generation's for the first one, else one of its own.
func (p *partition) asks(ctx context.Context) *survey {
	s := p.survey
	if p.survey = nil; s == nil {
		s = p.newSurvey(ctx, []int32{p.id})
	}
	return s
}

func once[T any](ctx context.Context, name string, after []*kept, ask func() (T, error)) func() (T, error) {
	return sync.OnceValues(func() (all T, err error) {
		for _, k := range after {
			if err := k.settled(ctx); err != nil {
				return all, err
			}
		}
		if all, err = ask(); err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return all, err
	})
}
