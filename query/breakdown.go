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
		rows, err := s.cfg.Store.Breakdown(ctx, s.cfg.prefix(), q)
		if err != nil {
			return nil, storeFailed(err)
		}
		return breakdownAnswer(q.Dim, rows, int(limit))
	})
	if err != nil {
		return err
	}
	return s.sendAnswer(c, out)
}

// breakdownAnswer sums over all keys, then writes the first ones.
func breakdownAnswer(dim string, rows []sql.KeySum, limit int) (*answer, error) {
	var total aggregate.Measures
	for _, r := range rows {
		total, _ = total.Add(measuresOf(r.M)) // the total is a total of the board, which checks it
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
		b = appendMeasures(b, measuresOf(r.M))
		b = append(append(b, `,"share_gmv":`...), share(r.M[1], total.GmvFen)...)
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
