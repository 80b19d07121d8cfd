package query

import (
	"context"
	"fmt"
	"math/bits"

	"github.com/gofiber/fiber/v2"

	"festival/aggregate"
	"festival/sql"
)

// breakdownLimit is how many rows are answered without a limit: more than any dimension has but city and merchant.
const breakdownLimit = 1000

// breakdown answers with a dimension's keys, largest GMV first. Merchants are the operators' business: together they
// are every merchant's turnover.
func (s *Server) breakdown(c *fiber.Ctx, a args) error {
	dim, _ := aggregate.ParseDim(a.text("dim"))
	q := sql.BreakdownQuery{Dim: dim.String(), Window: s.windowOf(a), ClosingMs: s.pub.status.Load().closingMs}
	if dim == aggregate.DimMerchant {
		if err := s.allow(c, operators); err != nil {
			return err
		}
		for _, name := range [...]string{"from", "to"} {
			if a.has(name) {
				return badParameter(name, "Merchants are kept for the whole festival only. Leave %s out.", name)
			}
		}
	} else if a.has("from") || a.has("to") {
		var err error
		if q.From, q.To, err = s.span(a, dim.Step()); err != nil {
			return err
		}
	}
	limit := a.count("limit", breakdownLimit)
	out, err := s.cache.get(s.base(), fmt.Sprintf("breakdown %v %d", q, limit), func(ctx context.Context) (*answer, error) {
		if rows, ok := s.fromBoard(ctx, dim, q); ok {
			return breakdownAnswer(q.Dim, rows, int(limit))
		}
		rows, err := s.cfg.Store.Breakdown(ctx, s.cfg.prefix(), q)
		if err != nil {
			return nil, storeFailed(err)
		}
		return breakdownAnswer(q.Dim, keysOf(rows), int(limit))
	})
	if err != nil {
		return err
	}
	return s.sendAnswer(c, out)
}

// fromBoard answers what the board keeps: the sums over a whole window or festival, of acknowledged cells as in the store,
// and of the closing cells once it is closed. Reading them from 100 million cells takes seconds.
func (s *Server) fromBoard(ctx context.Context, dim aggregate.Dim, q sql.BreakdownQuery) (rows []aggregate.KeyMeasures, ok bool) {
	if q.Span != (sql.Span{}) {
		return nil, false
	}
	err := s.pub.ask(ctx, func(b *aggregate.Board) { rows, ok = b.Breakdown(dim, q.Window) })
	return rows, ok && err == nil // a board that is being loaded does not answer: the store does
}

func keysOf(rows []sql.KeySum) []aggregate.KeyMeasures {
	out := make([]aggregate.KeyMeasures, len(rows))
	for i, r := range rows {
		out[i] = aggregate.KeyMeasures{Key: r.Key, M: measuresOf(r.M)}
	}
	return out
}

// breakdownAnswer sums over all keys, then writes the first ones.
func breakdownAnswer(dim string, rows []aggregate.KeyMeasures, limit int) (*answer, error) {
	var total aggregate.Measures
	for _, r := range rows {
		total, _ = total.Add(r.M) // the total is a total of the board, which checks it
	}
	b, err := encode(dim)
	if err != nil {
		return nil, err
	}
	b = append(append([]byte(`{"dim":`), b...), `,"rows":[`...)
	for i, r := range rows[:min(limit, len(rows))] {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := encode(r.Key)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `{"key":`...), key...)
		b = appendMeasures(b, r.M)
		b = append(append(b, `,"share_gmv":`...), share(r.M.GmvFen, total.GmvFen)...)
		b = append(b, '}')
	}
	sum := appendMeasures(nil, total)
	b = append(append(b, `],"total":{`...), sum[1:]...) // without the leading comma
	return jsonAnswer(fmt.Appendf(b, `},"keys":%d}`, len(rows))), nil
}

// share writes part/whole as a JSON string with four decimals, rounded down, or null of nothing.
// 0 <= part <= whole < 2^53.
func share(part, whole int64) string {
	if whole <= 0 || part < 0 {
		return "null"
	}
	high, low := bits.Mul64(uint64(part), 10_000)
	q, _ := bits.Div64(high, low, uint64(whole))
	return fmt.Sprintf(`"%d.%04d"`, q/10_000, q%10_000)
}
