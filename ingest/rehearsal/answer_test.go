package rehearsal

import (
	"hash/fnv"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/aggregate/recount"
	"festival/ingest/decode"
)

// recounted counts a rehearsal's bytes by the second reading, as they would lie in four partitions.
type recounted struct {
	t     *testing.T
	rules *recount.Rules
	logs  [4]*recount.Partition
	next  [4]int64
	Answer
}

func newRecounted(t *testing.T, c Config) *recounted {
	rules, err := recount.ReadRules(c.Rules.Document("cluster", "orders", 4, 1))
	require.NoError(t, err)
	r := &recounted{t: t, rules: rules, Answer: Answer{Reasons: map[string]int64{}, Countries: map[string]Sum{},
		Devices: map[string]Sum{}, Windows: map[string]Sum{}}}
	for p := range r.logs {
		r.logs[p] = recount.NewPartition(rules, int32(p), 0)
	}
	for _, w := range rules.Windows {
		r.Windows[w.ID] = Sum{}
	}
	return r
}

func (r *recounted) feed(rec *Record) {
	h := fnv.New32a()
	h.Write(rec.Key)
	p := h.Sum32() % 4
	e, err := r.logs[p].Feed(recount.Record{Offset: r.next[p], KafkaMs: rec.KafkaMs, Key: rec.Key, Value: rec.Value})
	require.NoError(r.t, err)
	r.next[p]++
	r.Records++
	switch e.Verdict {
	case recount.Rejected:
		r.Rejected++
		r.Reasons[e.Reason]++
		return
	case recount.Duplicate:
		r.Duplicates++
	case recount.Outside:
		r.Outside++
	default:
		r.counted(&e)
	}
	if !e.KeyOK {
		r.Miskeyed++
	}
}

func (r *recounted) counted(e *recount.Entry) {
	r.Counted++
	switch e.Order.Status {
	case "created":
		r.Created++
	case "refunded":
		r.Refunds++
		r.RefundFen += e.Fen
	case "paid":
		one := Sum{1, e.Fen}
		r.Orders++
		r.GmvFen += e.Fen
		if e.Order.Mobile() {
			r.MobileOrders++
			r.MobileGmvFen += e.Fen
		}
		window, _ := r.rules.Window(e.Order.PaidMs)
		addTo(r.Countries, e.Order.BuyerCountry, one)
		addTo(r.Devices, e.Order.Device, one)
		addTo(r.Windows, r.rules.Windows[window].ID, one)
	}
}

func addTo(m map[string]Sum, key string, s Sum) {
	sum := m[key]
	sum.add(s)
	m[key] = sum
}

// TestAnswer holds the answer sheet against a recount of the bytes, in several shapes of rehearsal.
func TestAnswer(t *testing.T) {
	for name, change := range map[string]func(c *Config){
		"midnight": func(c *Config) {},
		"flat":     func(c *Config) { c.Profile, c.Seed = Flat, 42 },
		"hostile":  func(c *Config) { c.Duplicates, c.Late, c.Bad, c.Seed = 0.2, 0.3, 0.1, 7 },
		"clean":    func(c *Config) { c.Duplicates, c.Late, c.Bad = 0, 0, 0 },
		"ahead":    func(c *Config) { c.OpenMs, c.StartMs = openMs, openMs-15_000 },
		"restart":  func(c *Config) { c.OpenMs, c.StartMs, c.FirstOrder = openMs, openMs+7200_000, 1_000_000 },
		"slow":     func(c *Config) { c.Rate, c.Orders = 20, 1500 },
	} {
		t.Run(name, func(t *testing.T) {
			c := testConfig(t, 2500)
			change(&c)
			r := newRecounted(t, c)
			got := all(t, c, r.feed).Answer()
			r.Seed, r.StartMs, r.OpenMs, r.Profile, r.Rate = got.Seed, got.StartMs, got.OpenMs, got.Profile, got.Rate
			r.FirstKafkaMs, r.LastKafkaMs, r.NextOrder = got.FirstKafkaMs, got.LastKafkaMs, c.FirstOrder+c.Orders
			r.NetFen = r.GmvFen - r.RefundFen
			require.Equal(t, r.Answer, got)
			require.NotZero(t, got.Orders)
			require.NotZero(t, got.Refunds)
			require.Equal(t, got.Records, got.Counted+got.Duplicates+got.Outside+got.Rejected)
			require.Equal(t, got.Counted, got.Orders+got.Created+got.Refunds)
			require.Equal(t, name == "clean", got.Duplicates+got.Rejected == 0)
		})
	}
}

// TestReasons holds that every reason of the contract comes, each as the fast decoder says.
func TestReasons(t *testing.T) {
	c := testConfig(t, 3000)
	c.Bad = 0.5
	d, o := decode.New(c.Rules), aggregate.Order{}
	seen := map[string]int64{}
	g := all(t, c, func(r *Record) {
		if reason := d.Decode(r.Value, r.KafkaMs, &o); reason != aggregate.Accepted {
			seen[reason.String()]++
		}
	})
	require.Equal(t, g.Answer().Reasons, seen)
	for _, r := range []aggregate.Reason{aggregate.TooLarge, aggregate.NotJSON, aggregate.CurrencyUnknown} {
		require.NotZero(t, seen[r.String()], r.String())
	}
	for f := range aggregate.Fields {
		require.NotZero(t, seen[aggregate.Bad(f).String()], f.String())
	}
	for _, f := range []aggregate.Field{aggregate.FieldCreatedAt, aggregate.FieldPaidAt, aggregate.FieldRefundedAt} {
		require.NotZero(t, seen[aggregate.Missing(f).String()], f.String())
		require.NotZero(t, seen[aggregate.Future(f).String()], f.String())
	}
	for _, f := range []string{"order_id", "status", "currency", "amount", "merchant_id"} {
		require.NotZero(t, seen["missing:"+f], f)
	}
}
