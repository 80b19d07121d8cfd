package rehearsal

import (
	"fmt"
	"math"

	"festival/aggregate"
)

// Record is one Kafka record. Key and Value are valid until the next call of Next.
type Record struct {
	Key     []byte // the order_id
	Value   []byte // JSON; empty for one kind of bad record
	KafkaMs int64  // the Kafka timestamp (CreateTime), Unix milliseconds; never falls
	AtNs    int64  // when to send it, nanoseconds after the start of the simulated clock
}

// Generator makes the records of one rehearsal. It is owned by one goroutine.
type Generator struct {
	cfg     Config
	catalog *catalogue
	writer  *writer
	wheel   *wheel
	clock   *clock
	r       random // of times and chances; contents have their own
	bad     badness
	answer  tally

	made      int64 // orders made
	slots     int64
	pays      [256]int64 // nanoseconds from order to payment, quantiles
	late      uint64     // thresholds, see share
	repeat    uint64
	rejection uint64

	key, value []byte
	order      order
}

// New makes a generator; its error joins every problem of the configuration.
func New(cfg Config) (*Generator, error) {
	if cfg.Profile == "" {
		cfg.Profile = Midnight
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("rehearsal: %w", err)
	}
	if cfg.OpenMs == 0 {
		cfg.OpenMs = cfg.StartMs
	}
	k := newCatalogue(cfg)
	g := &Generator{cfg: cfg, catalog: k, writer: newWriter(cfg, k), wheel: newWheel(), clock: newClock(cfg),
		r: random{k.key}, late: share(cfg.Late), repeat: share(cfg.Duplicates), rejection: share(cfg.Bad)}
	g.bad = newBadness(g.writer)
	g.answer = newTally(cfg)
	for i, z := range quantiles(len(g.pays), normal) {
		g.pays[i] = int64(6e9 * math.Exp(0.8*z)) // median 6 s
	}
	return g, nil
}

// Next gives the next record, false after the last.
func (g *Generator) Next(r *Record) bool {
	if g.ended() && g.wheel.n == 0 {
		return false
	}
	at := g.clock.next(g.r.next())
	now := g.cfg.StartMs + at/1e6
	r.AtNs, r.KafkaMs = at, now
	if g.r.next() < g.rejection {
		g.key, g.value = g.bad.next(g.key[:0], g.value[:0], now)
		g.answer.reject(g.bad.reason, now)
	} else {
		e := g.event(at, now)
		g.catalog.draw(e.order, e.created, &g.order)
		g.key = g.writer.id(g.key[:0], e.order)
		g.value = g.writer.record(g.value[:0], &g.order, &e)
		g.answer.count(&g.order, &e, now)
		if !e.repeat && g.r.next() < g.repeat {
			e.happened, e.repeat = true, true
			g.wheel.push(at+int64(g.r.below(60e9)), e)
		}
	}
	r.Key, r.Value = g.key, g.value
	return true
}

func (g *Generator) ended() bool { return g.cfg.Orders > 0 && g.made >= g.cfg.Orders }

// event gives the event that takes the slot at atNs: a pending one, at least in every third slot a new order. A
// late one goes back to the wheel and leaves the slot to another.
func (g *Generator) event(atNs, now int64) entry {
	for {
		e := g.pick(atNs, now)
		if e.happened {
			return e
		}
		g.happen(&e, atNs, now)
		if g.r.next() >= g.late {
			return e
		}
		e.happened = true
		g.wheel.push(atNs+g.lateness(), e)
	}
}

// pick takes a pending event or makes an order. Once the last order is made, what is pending comes as fast as slots
// do, whenever it was due.
func (g *Generator) pick(atNs, now int64) entry {
	g.slots++
	if g.ended() {
		e, _ := g.wheel.any() // never empty: see Next; a late event has just been pushed
		return e
	}
	if g.slots%3 != 0 {
		if e, ok := g.wheel.pop(atNs); ok {
			return e
		}
	}
	e := entry{order: g.cfg.FirstOrder + g.made, status: aggregate.Created}
	g.made++
	if since := now - g.cfg.OpenMs; g.cfg.Profile == Midnight && since >= 0 && g.fromCart(since) {
		e.status, e.created = aggregate.Paid, g.cfg.OpenMs-1-int64(g.r.below(30*60*1000))
	}
	return e
}

// fromCart tells whether a new order waited for the opening: it was created in the half hour before, outside of this
// log, and is paid now. That is what makes the first seconds of the night.
func (g *Generator) fromCart(sinceMs int64) bool {
	return sinceMs < 60_000 && g.r.below(1000) < uint64(500*math.Exp(-float64(sinceMs)/15_000))
}

// happen fixes the event's time, shortly before it reaches Kafka and after the event before it, and schedules what
// follows from it.
func (g *Generator) happen(e *entry, atNs, now int64) {
	ms := now - 20 - int64(g.r.below(400))
	switch e.status {
	case aggregate.Created:
		e.created = ms
		if g.r.next() < share(paidShare) {
			next := *e
			next.status = aggregate.Paid
			g.wheel.push(g.payment(e, atNs), next)
		}
	case aggregate.Paid:
		e.paid = max(ms, e.created+1)
		if g.cfg.Profile == Midnight && now >= g.cfg.OpenMs {
			e.paid = max(e.paid, g.cfg.OpenMs) // nobody pays before the opening
		}
		g.catalog.draw(e.order, e.created, &g.order)
		for i := range g.order.refunds {
			next := *e
			next.status, next.refund = aggregate.Refunded, uint8(i+1)
			g.wheel.push(atNs+20e9+int64(g.r.below(400e9)), next)
		}
	case aggregate.Refunded:
		e.refunded = max(ms, e.paid+1)
	}
}

// payment gives when an order is paid, nanoseconds since the start. Nobody pays before the opening.
func (g *Generator) payment(e *entry, atNs int64) int64 {
	due := atNs + g.pays[g.r.next()>>56]
	if g.cfg.Profile == Midnight && e.created < g.cfg.OpenMs {
		due = max(due, (g.cfg.OpenMs-g.cfg.StartMs)*1e6+int64(g.r.below(8e9)))
	}
	return due
}

// lateness is between one second and five minutes, mostly short.
func (g *Generator) lateness() int64 {
	return 1e9 + int64(min(g.r.below(299e9), g.r.below(299e9), g.r.below(299e9)))
}
