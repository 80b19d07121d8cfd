package rehearsal

import "festival/aggregate"

// Sum is a number of paid orders and their GMV in CNY fen.
type Sum struct {
	Orders int64 `json:"orders"`
	GmvFen int64 `json:"gmv_fen"`
}

// Answer is the answer sheet: what a right count of exactly these records gives, if the topic's records of one order
// keep their order (they share a key, hence a partition) and nothing else is in the log.
type Answer struct {
	Seed    uint64  `json:"seed"`
	StartMs int64   `json:"start_ms"`
	OpenMs  int64   `json:"open_ms"`
	Profile Profile `json:"profile"`
	Rate    int64   `json:"rate"`

	Records    int64            `json:"records"` // all of them
	Counted    int64            `json:"counted"`
	Duplicates int64            `json:"duplicates"`
	Outside    int64            `json:"outside"`
	Rejected   int64            `json:"rejected"`
	Miskeyed   int64            `json:"miskeyed"` // always 0: keys are order ids
	Reasons    map[string]int64 `json:"reasons"`  // rejected records by the contract's words

	Orders       int64 `json:"orders"`
	GmvFen       int64 `json:"gmv_fen"`
	MobileOrders int64 `json:"mobile_orders"`
	MobileGmvFen int64 `json:"mobile_gmv_fen"`
	Created      int64 `json:"created"`
	Refunds      int64 `json:"refunds"`
	RefundFen    int64 `json:"refund_fen"`
	NetFen       int64 `json:"net_fen"`

	Countries map[string]Sum `json:"countries"` // by buyer country
	Devices   map[string]Sum `json:"devices"`
	Windows   map[string]Sum `json:"windows"`

	FirstKafkaMs int64 `json:"first_kafka_ms"` // 0 before the first record
	LastKafkaMs  int64 `json:"last_kafka_ms"`
	NextOrder    int64 `json:"next_order"` // FirstOrder of a run that goes on
}

// tally keeps the sums by code while records are made.
type tally struct {
	Answer
	rules     *aggregate.Rules
	reasons   map[aggregate.Reason]int64
	countries [256]Sum
	devices   [len(deviceNames)]Sum
	windows   [256]Sum
}

func newTally(c Config) tally {
	return tally{rules: c.Rules, reasons: map[aggregate.Reason]int64{},
		Answer: Answer{Seed: c.Seed, StartMs: c.StartMs, OpenMs: c.OpenMs, Profile: c.Profile, Rate: c.Rate}}
}

func (t *tally) record(nowMs int64) {
	if t.Records++; t.Records == 1 {
		t.FirstKafkaMs = nowMs
	}
	t.LastKafkaMs = nowMs
}

func (t *tally) reject(r aggregate.Reason, nowMs int64) {
	t.record(nowMs)
	t.Rejected++
	t.reasons[r]++
}

// count adds one good record.
func (t *tally) count(o *order, e *entry, nowMs int64) {
	t.record(nowMs)
	if e.repeat {
		t.Duplicates++
		return
	}
	window := t.window([...]int64{e.created, e.paid, e.refunded}[e.status-1])
	if window < 0 {
		t.Outside++
		return
	}
	t.Counted++
	rate := &t.rules.Rates[o.rate]
	switch e.status {
	case aggregate.Created:
		t.Created++
	case aggregate.Refunded:
		t.Refunds++
		t.RefundFen += toFen(o.part, rate)
	default:
		t.paid(o, toFen(o.minor, rate), window)
	}
}

func (t *tally) paid(o *order, fen int64, window int) {
	one := Sum{1, fen}
	t.Orders++
	t.GmvFen += fen
	if o.device < 3 {
		t.MobileOrders++
		t.MobileGmvFen += fen
	}
	t.countries[o.place.country].add(one)
	t.devices[o.device].add(one)
	t.windows[window].add(one)
}

func (s *Sum) add(n Sum) { s.Orders, s.GmvFen = s.Orders+n.Orders, s.GmvFen+n.GmvFen }

// window finds an event's window, -1 for none: [start, end).
func (t *tally) window(ms int64) int {
	for i, w := range t.rules.Windows {
		if w.StartMs <= ms && ms < w.EndMs {
			return i
		}
	}
	return -1
}

// Answer gives the answer sheet of the records made so far.
func (g *Generator) Answer() Answer {
	t := &g.answer
	a := t.Answer
	a.NetFen = a.GmvFen - a.RefundFen
	a.NextOrder = g.cfg.FirstOrder + g.made
	a.Reasons, a.Countries, a.Devices, a.Windows = map[string]int64{}, map[string]Sum{}, map[string]Sum{}, map[string]Sum{}
	for r, n := range t.reasons {
		a.Reasons[r.String()] = n
	}
	for code, s := range t.countries {
		if s.Orders > 0 {
			a.Countries[aggregate.Countries.Name(uint8(code))] = s
		}
	}
	for i, s := range t.devices {
		if name := deviceNames[i]; s.Orders > 0 && aggregate.Devices.Code([]byte(name)) == 0 {
			a.Devices[aggregate.Unknown] = s
		} else if s.Orders > 0 {
			a.Devices[name] = s
		}
	}
	for i, w := range t.rules.Windows {
		a.Windows[w.ID] = t.windows[i]
	}
	return a
}
