package recount

import (
	"encoding/json"
	"fmt"
	"math/big"
	"sort"
	"strconv"
	"strings"
)

// maxFlows is how many flows a frame lists, the largest ones (CONTRACT.md §4).
const maxFlows = 60

// Shown are a frame's figures by path, as pages name them (CONTRACT.md §5): "total.gmv_fen",
// "countries.RU.gmv_fen", "windows.day.mobile.share_gmv"; the order of a list is the path with ".order". Values are
// JSON scalars as text, null is "null". List rows whose figures are all zero are left out.
type Shown map[string]string

// Frame gives what a frame with these figures has to show. Only what is a function of the log alone: no times, no
// certainty, no after_close.
func (f *Figures) Frame(rules *Rules) Shown {
	s := Shown{}
	s.total("total.", rules, f, f.Sum(Total, ""))
	s.mobile("mobile.", f.Sum(Total, ""))
	for i, w := range rules.Windows {
		m := f.Sums[FigureKey{uint8(i), Total, ""}]
		s.total("windows."+w.ID+".total.", rules, f, m)
		s.mobile("windows."+w.ID+".mobile.", m)
	}
	s.list("devices", f.ByKey(Device), false, 0)
	s.list("countries", f.ByKey(Country), true, 0)
	s.list("provinces", f.ByKey(Province), false, 0)
	s.list("flows", f.ByKey(Flow), false, maxFlows)
	s["rehearsal"] = strconv.FormatBool(f.Sum(Log, "rehearsal").Orders > 0)
	return s
}

// Pace gives what `rate` has to show for an event second.
func (f *Figures) Pace(second int64) Shown {
	s := Shown{}
	m := f.Seconds[second]
	s.put("rate.orders_per_s", m.Orders)
	s.put("rate.gmv_fen_per_s", m.GmvFen)
	s.put("rate.created_per_s", m.Created)
	return s
}

func (s Shown) put(path string, n int64) { s[path] = strconv.FormatInt(n, 10) }

func (s Shown) total(path string, rules *Rules, f *Figures, m Measures) {
	s.put(path+"gmv_fen", m.GmvFen)
	s.put(path+"orders", m.Orders)
	s.put(path+"created", m.Created)
	s.put(path+"refunds", m.Refunds)
	s.put(path+"refund_fen", m.RefundFen)
	s.put(path+"net_fen", m.GmvFen-m.RefundFen)
	s.put(path+"duplicates", f.Sum(Log, "duplicates").Orders)
	s.put(path+"outside", f.Sum(Log, "outside").Orders)
	s.put(path+"miskeyed", f.Sum(Log, "miskeyed").Orders)
	s.put(path+"rejected", f.rejected())
	s[path+"gmv_usd_cents"] = "null"
	if cents, ok := rules.UsdCents(m.GmvFen); ok {
		s.put(path+"gmv_usd_cents", cents)
	}
}

// rejected sums the log cells of all reasons.
func (f *Figures) rejected() (n int64) {
	for key, m := range f.ByKey(Log) {
		if strings.HasPrefix(key, "rejected:") {
			n += m.Orders
		}
	}
	return n
}

func (s Shown) mobile(path string, m Measures) {
	s.put(path+"gmv_fen", m.MobileGmvFen)
	s.put(path+"orders", m.MobileOrders)
	s[path+"share_gmv"] = share(m.MobileGmvFen, m.GmvFen)
	s[path+"share_orders"] = share(m.MobileOrders, m.Orders)
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

// list shows a breakdown, largest GMV first, then by key; at most `most` rows, 0 for all.
func (s Shown) list(path string, rows map[string]Measures, mobile bool, most int) {
	keys := []string{}
	for key, m := range rows {
		if m.GmvFen != 0 || m.Orders != 0 {
			keys = append(keys, key)
		}
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := rows[keys[i]].GmvFen, rows[keys[j]].GmvFen
		return a > b || a == b && keys[i] < keys[j]
	})
	if most > 0 && len(keys) > most {
		keys = keys[:most]
	}
	s[path+".order"] = strings.Join(keys, " ")
	for _, key := range keys {
		s.put(path+"."+key+".gmv_fen", rows[key].GmvFen)
		s.put(path+"."+key+".orders", rows[key].Orders)
		if mobile {
			s.put(path+"."+key+".mobile_gmv_fen", rows[key].MobileGmvFen)
			s.put(path+"."+key+".mobile_orders", rows[key].MobileOrders)
		}
	}
}

// ReadFrame flattens a frame's JSON into the same paths, so that the two can be held against each other. Members
// that Frame does not give are there too.
func ReadFrame(text []byte) (Shown, error) {
	value, err := parseJSON(text)
	if err != nil {
		return nil, fmt.Errorf("frame: %w", err)
	}
	s := Shown{}
	s.flatten("", value)
	return s, nil
}

func (s Shown) flatten(path string, value any) {
	switch v := value.(type) {
	case nil:
		s[path] = "null"
	case bool:
		s[path] = strconv.FormatBool(v)
	case string:
		s[path] = v
	case json.Number:
		s[path] = v.String()
	case map[string]any:
		for name, member := range v {
			s.flatten(strings.TrimPrefix(path+"."+name, "."), member)
		}
	case []any:
		s.flattenList(path, v)
	}
}

// flattenList names rows by their `key` or `id`; rows without (incomplete) are of no interest here.
func (s Shown) flattenList(path string, list []any) {
	keys := []string{}
	for _, row := range list {
		object, _ := row.(map[string]any)
		if id, ok := object["id"].(string); ok {
			s.flatten(path+"."+id, object)
		}
		key, ok := object["key"].(string)
		if !ok || nothing(object) {
			continue
		}
		keys = append(keys, key)
		delete(object, "key")
		s.flatten(path+"."+key, object)
	}
	s[path+".order"] = strings.Join(keys, " ")
}

func nothing(row map[string]any) bool {
	return row["gmv_fen"] == json.Number("0") && row["orders"] == json.Number("0")
}
