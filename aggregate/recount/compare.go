package recount

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// maxFlows is how many flows a frame lists, the largest ones (CONTRACT.md §4).
const maxFlows = 60

// Mismatch is a figure that a frame shows otherwise than it has to. Paths are those of CONTRACT.md §5:
// "total.gmv_fen", "countries.RU.gmv_fen", "windows.day.mobile.share_gmv"; the keys of a list in their order are the
// path with ".order". Values are JSON scalars as text, null is "null", "nothing" is absent.
type Mismatch struct{ Path, Shown, Recounted string }

// Compare holds every figure of a frame against the totals, in the order of the frame's members: only what is a
// function of the log alone, so no certainty and no time but the watermark, which says which second `rate` is of.
// view is Whole for the frame of the whole festival, else the window that the frame is of. Rows of lists whose GMV
// and orders are both zero may be shown or left out.
func (t *Totals) Compare(f *Frame, view int) []Mismatch {
	c := comparer{totals: t}
	v := &t.views[view]
	c.same("rehearsal", f.members["rehearsal"], strconv.FormatBool(t.log["rehearsal"] > 0))
	c.total(place{list: "total"}, object(f.members["total"]), v)
	c.rate(f, view)
	c.mobile(place{list: "mobile"}, object(f.members["mobile"]), v)
	c.list("devices", f.members["devices"], v.sums[Device], false, 0)
	c.list("countries", f.members["countries"], v.sums[Country], true, 0)
	c.list("provinces", f.members["provinces"], v.sums[Province], false, 0)
	c.list("flows", f.members["flows"], v.sums[Flow], false, maxFlows)
	c.windows(f.members["windows"], view)
	return c.found
}

type comparer struct {
	totals *Totals
	found  []Mismatch
}

// same compares a scalar.
func (c *comparer) same(path string, shown any, recounted string) {
	if text := scalar(shown); text != recounted {
		c.found = append(c.found, Mismatch{path, text, recounted})
	}
}

// place is where a figure stands: a list or object, and the row in it. Its path is put together only where it is told.
type place struct{ list, key string }

func (p place) path(name string) string {
	if p.key == "" {
		return p.list + "." + name
	}
	return p.list + "." + p.key + "." + name
}

func (c *comparer) number(at place, name string, in map[string]any, recounted int64) {
	if n, ok := number(in[name]); !ok || n != recounted {
		c.found = append(c.found, Mismatch{at.path(name), shownMember(in, name), strconv.FormatInt(recounted, 10)})
	}
}

func (c *comparer) total(at place, in map[string]any, v *table) {
	m, t := v.sums[Total][""], c.totals
	c.number(at, "gmv_fen", in, m.GmvFen)
	cents := "null"
	if n, ok := t.rules.UsdCents(m.GmvFen); ok {
		cents = strconv.FormatInt(n, 10)
	}
	c.same(at.path("gmv_usd_cents"), in["gmv_usd_cents"], cents)
	c.number(at, "orders", in, m.Orders)
	c.number(at, "created", in, m.Created)
	c.number(at, "refunds", in, m.Refunds)
	c.number(at, "refund_fen", in, m.RefundFen)
	c.number(at, "net_fen", in, m.GmvFen-m.RefundFen)
	c.number(at, "duplicates", in, t.log["duplicates"])
	c.number(at, "rejected", in, t.Rejected())
	c.number(at, "outside", in, t.log["outside"])
	c.number(at, "miskeyed", in, t.log["miskeyed"])
}

// rate: the newest complete second, null before the first second of the view's first window.
func (c *comparer) rate(f *Frame, view int) {
	in, first := object(f.members["rate"]), c.totals.rules.Windows[view%c.totals.Whole()].StartMs/1000
	second, ok := f.Complete()
	if !ok || second < first {
		for _, name := range []string{"orders_per_s", "gmv_fen_per_s", "created_per_s"} {
			c.same("rate."+name, in[name], "null")
		}
		return
	}
	m := c.totals.views[view].seconds[second]
	c.number(place{list: "rate"}, "orders_per_s", in, m.Orders)
	c.number(place{list: "rate"}, "gmv_fen_per_s", in, m.GmvFen)
	c.number(place{list: "rate"}, "created_per_s", in, m.Created)
}

func (c *comparer) mobile(at place, in map[string]any, v *table) {
	m := v.sums[Total][""]
	c.number(at, "gmv_fen", in, m.MobileGmvFen)
	c.number(at, "orders", in, m.MobileOrders)
	c.same(at.path("share_gmv"), in["share_gmv"], share(m.MobileGmvFen, m.GmvFen))
	c.same(at.path("share_orders"), in["share_orders"], share(m.MobileOrders, m.Orders))
}

// windows: all of them in the ledger's order, or the one that the frame is of.
func (c *comparer) windows(shown any, view int) {
	first, end := 0, len(c.totals.rules.Windows)
	if view != c.totals.Whole() {
		first, end = view, view+1
	}
	list, _ := shown.([]any)
	if len(list) != end-first {
		c.found = append(c.found, Mismatch{"windows", fmt.Sprintf("%d rows", len(list)), fmt.Sprintf("%d rows", end-first)})
		return
	}
	for i := first; i < end; i++ {
		row, id := object(list[i-first]), c.totals.rules.Windows[i].ID
		c.same("windows."+id+".id", row["id"], id)
		c.total(place{"windows." + id, "total"}, object(row["total"]), &c.totals.views[i])
		c.mobile(place{"windows." + id, "mobile"}, object(row["mobile"]), &c.totals.views[i])
	}
}

// list: largest GMV first, then by key; at most `most` rows, 0 for all.
func (c *comparer) list(path string, shown any, table map[string]Measures, mobile bool, most int) {
	rows, _ := shown.([]any)
	keys := []string{}
	for _, value := range rows {
		row := object(value)
		key, _ := row["key"].(string)
		m := table[key]
		if isZero(row) && m.GmvFen == 0 && m.Orders == 0 {
			continue
		}
		keys = append(keys, key)
		at := place{path, key}
		c.number(at, "gmv_fen", row, m.GmvFen)
		c.number(at, "orders", row, m.Orders)
		if mobile {
			c.number(at, "mobile_gmv_fen", row, m.MobileGmvFen)
			c.number(at, "mobile_orders", row, m.MobileOrders)
		}
	}
	if !inOrder(keys, table, most) {
		c.found = append(c.found, Mismatch{path + ".order", strings.Join(keys, " "), strings.Join(ranking(table, most), " ")})
	}
}

// inOrder tells whether keys are the table's ranking, without sorting all of it.
func inOrder(keys []string, table map[string]Measures, most int) bool {
	listed := map[string]bool{}
	for i, key := range keys {
		if listed[key] || i > 0 && !ranksBefore(keys[i-1], key, table) {
			return false
		}
		listed[key] = true
	}
	rows := 0
	for key, m := range table {
		if m.GmvFen == 0 && m.Orders == 0 {
			continue
		}
		if rows++; !listed[key] && (len(keys) == 0 || ranksBefore(key, keys[len(keys)-1], table)) {
			return false
		}
	}
	if most > 0 {
		rows = min(rows, most)
	}
	return len(keys) == rows
}

func ranksBefore(a, b string, table map[string]Measures) bool {
	return table[a].GmvFen > table[b].GmvFen || table[a].GmvFen == table[b].GmvFen && a < b
}

// ranking gives the keys that a list has to show, in order.
func ranking(table map[string]Measures, most int) []string {
	keys := []string{}
	for key, m := range table {
		if m.GmvFen != 0 || m.Orders != 0 {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		if ranksBefore(a, b, table) {
			return -1
		}
		return 1
	})
	if most > 0 && len(keys) > most {
		keys = keys[:most]
	}
	return keys
}

// share is part of whole with four decimals, rounded down; of nothing it is null.
func share(part, whole int64) string {
	if whole == 0 {
		return "null"
	}
	n := new(big.Int).Mul(big.NewInt(part), big.NewInt(10_000))
	n.Quo(n, big.NewInt(whole))
	return fmt.Sprintf("%d.%04d", n.Int64()/10_000, n.Int64()%10_000)
}

func object(value any) map[string]any {
	members, _ := value.(map[string]any)
	return members
}

func isZero(row map[string]any) bool {
	return row["gmv_fen"] == json.Number("0") && row["orders"] == json.Number("0")
}

// scalar gives a JSON scalar as text.
func scalar(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return fmt.Sprintf("%.100v", value)
}

func shownMember(in map[string]any, name string) string {
	if value, there := in[name]; there {
		return scalar(value)
	}
	return "nothing"
}
