package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"festival/sql"
)

// gaps are the accepted gaps of a ledger's log by partition: what an operator signed off is part of the rules of that
// log, whoever may have read some of it. Offsets inside are as if they had never been.
type gaps map[int32][]sql.Signoff

// readGaps reads the sign-offs. Of an era the oldest stands (sql/schema/0008_signoffs.sql).
func (r *run) readGaps(ctx context.Context) (gaps, error) {
	records, err := r.Store.Signoffs(ctx, r.Ledger.Prefix)
	found := gaps{}
	for _, s := range records {
		sameEra := func(t sql.Signoff) bool { return t.Era == s.Era }
		if s.Kind == sql.SignoffGap && !slices.ContainsFunc(found[s.Partition], sameEra) {
			found[s.Partition] = append(found[s.Partition], s)
		}
	}
	return found, err
}

// has tells whether an offset lies in an accepted gap.
func (g gaps) has(partition int32, offset int64) bool {
	return slices.ContainsFunc(g[partition], func(s sql.Signoff) bool { return s.First <= offset && offset < s.End })
}

// list gives them for the result, by partition and era.
func (g gaps) list() []Gap {
	out := []Gap{}
	for _, p := range slices.Sorted(maps.Keys(g)) {
		for _, s := range g[p] {
			out = append(out, Gap{Partition: p, First: s.First, End: s.End, By: s.By, At: timeText(s.AtMs / 1000), Reason: s.Reason})
		}
	}
	return out
}

// Gap is a stretch of offsets that an operator took out of the ledger's log, [First, End).
type Gap struct {
	Partition int32  `json:"partition"`
	First     int64  `json:"first"`
	End       int64  `json:"end"`
	By        string `json:"signed_by"`
	At        string `json:"at"` // RFC 3339
	Reason    string `json:"reason"`
}

func (g *Gap) text() string {
	return fmt.Sprintf("accepted gap: partition %d offsets [%d, %d) are not in the log, signed by %s at %s: %s\n", g.Partition,
		g.First, g.End, g.By, g.At, g.Reason)
}
