package recount

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// feed hands over values at rising offsets from `from`; the key is the order_id unless the value says otherwise.
func feed(t *testing.T, p *Partition, from int64, values ...string) []Verdict {
	t.Helper()
	var out []Verdict
	for i, v := range values {
		o, _ := Decode([]byte(v), 0, p.rules)
		e, err := p.Feed(Record{Offset: from + int64(i), KafkaMs: 1794412800000 + int64(i), Key: []byte(o.OrderID), Value: []byte(v)})
		require.NoError(t, err)
		out = append(out, e.Verdict)
	}
	return out
}

func TestVerdicts(t *testing.T) {
	p := NewPartition(testRules(t), 0, 0)
	outside := with("order_id", `"far"`, "paid_at", "1794326400000") // the first window has just ended
	refund := func(id string) string {
		return with("status", `"refunded"`, "refunded_at", "1794330000000", "refund_id", id)
	}
	f := func(want Verdict, value string) {
		t.Helper()
		require.Equal(t, []Verdict{want}, feed(t, p, p.Progress().Next, value), value)
	}
	f(Rejected, with("amount", "0"))
	f(Counted, with()) // rejected records never enter the set
	f(Duplicate, with("amount", `"5"`))
	f(Duplicate, with("refund_id", `"r"`)) // which means nothing on paid
	f(Counted, with("status", `"created"`, "created_at", "1794330000000"))
	f(Outside, outside)
	f(Duplicate, outside) // outside ones do
	f(Duplicate, with("order_id", `"far"`))
	f(Counted, refund(""))
	f(Duplicate, refund("null"))
	f(Counted, refund(`"r1"`))
	f(Counted, refund(`"r2"`))
	f(Duplicate, refund(`"r1"`))
	f(Outside, with("order_id", `"x1"`, "paid_at", "1794412800000"))
	f(Counted, with("order_id", `"x2"`, "paid_at", "1794412799999"))
	f(Outside, with("order_id", `"x3"`, "paid_at", "1794329999999"))
	f(Counted, with("order_id", `"x4"`, "paid_at", "1794322800000"))
	totals := NewTotals(p.rules)
	require.NoError(t, totals.Add(p.Changes()))
	require.Equal(t, Measures{Orders: 3, GmvFen: 300, Created: 1, Refunds: 3, RefundFen: 300}, totals.Total(totals.Whole()))
	require.Equal(t, int64(6), totals.Log("duplicates"))
	require.Equal(t, int64(3), totals.Log("outside"))
	require.Equal(t, int64(1), totals.Log("rejected:bad:amount"))
	require.Equal(t, int64(1), totals.Rejected())
	require.Equal(t, Measures{Orders: 1, GmvFen: 100, Created: 1, Refunds: 3, RefundFen: 300}, totals.views[1].seconds[1794330000])
}

func TestCells(t *testing.T) {
	p := NewPartition(testRules(t), 0, 0)
	value := strings.NewReplacer("00:00:0", "01:02:0").Replace(example) // one hour, two minutes later: window "day"
	_, err := p.Feed(Record{Offset: 1, KafkaMs: 0, Key: []byte("another"), Value: []byte(value), Rehearsal: true})
	require.NoError(t, err)
	second, minute := int64(1794330127), int64(1794330120)
	m := Measures{Orders: 1, GmvFen: 12990, MobileOrders: 1, MobileGmvFen: 12990}
	require.Equal(t, map[CellKey]Measures{
		{1, Total, "", second}: m, {1, Device, "app", second}: m, {1, Country, "CN", second}: m,
		{1, Province, "330000", minute}: m, {1, City, "330100", minute}: m, {1, Category, "beauty", minute}: m,
		{1, Marketplace, "tmall_global", minute}: m, {1, Channel, "online", minute}: m,
		{1, Flow, "IT>CN", minute}: m, {1, Merchant, "m20417", 0}: m,
		{255, Log, "miskeyed", 0}: {Orders: 1}, {255, Log, "rehearsal", 0}: {Orders: 1},
	}, p.Open().Cells)
	require.Equal(t, Progress{Next: 2, LastMs: 0, MaxEventMs: 0}, p.Progress(),
		"without a Kafka time nothing bounds the event time")

	// a duplicate adds to duplicates, miskeyed and rehearsal and to nothing else; a null key is miskeyed
	_, err = p.Feed(Record{Offset: 2, KafkaMs: 5, Value: []byte(value), Rehearsal: true})
	require.Equal(t, "future:paid_at", mustReason(t, p, value, 5))
	require.NoError(t, err)
	require.Equal(t, int64(1), p.Open().Cells[CellKey{255, Log, "rejected:future:paid_at", 0}].Orders)
	require.Equal(t, int64(1), p.Open().Cells[CellKey{255, Log, "miskeyed", 0}].Orders)
	require.Equal(t, int64(2), p.Open().Cells[CellKey{255, Log, "rehearsal", 0}].Orders)
	_, err = p.Feed(Record{Offset: 3, Value: []byte(value)})
	require.NoError(t, err)
	done := p.Finished()
	require.Len(t, done, 1)
	require.Equal(t, Measures{Orders: 1}, done[0].Cells[CellKey{255, Log, "duplicates", 0}])
	require.Equal(t, Measures{Orders: 2}, done[0].Cells[CellKey{255, Log, "miskeyed", 0}])
	require.Equal(t, m, done[0].Cells[CellKey{1, Total, "", second}])
}

func mustReason(t *testing.T, p *Partition, value string, kafkaMs int64) string {
	t.Helper()
	_, reason := Decode([]byte(value), kafkaMs, p.rules)
	return reason
}

// TestSealText holds the seals of a log that begins within a segment and leaves one empty against texts written by
// hand from docs/definitions.md.
func TestSealText(t *testing.T) {
	rules := testRules(t)
	ledger := fmt.Sprintf("%x", sha256.Sum256([]byte(ledgerText)))
	p := NewPartition(rules, 1, 2)
	feed(t, p, 3, with("device", `"app"`, "merchant_id", `"é"`), "x") // offsets 3 and 4, segments 0 and 1
	require.NoError(t, p.Advance(12))                                 // segment 2 is empty
	got := p.Finished()
	require.Len(t, got, 3)

	first := "festival-seal 1\nprev " + ledger + "\nledger " + ledger + "\npartition 1\nsegment 0\noffsets 2 4\n"
	for _, line := range []string{"total,,1794330000", "device,617070,1794330000", "country,756e6b6e6f776e,1794330000",
		"province,756e6b6e6f776e,1794330000", "city,756e6b6e6f776e,1794330000", "category,756e6b6e6f776e,1794330000",
		"marketplace,756e6b6e6f776e,1794330000", "channel,756e6b6e6f776e,1794330000",
		"flow,756e6b6e6f776e3e756e6b6e6f776e,1794330000", "merchant,c3a9,0"} {
		first += "1\t" + strings.ReplaceAll(line, ",", "\t") + "\t1\t100\t1\t100\t0\t0\t0\n"
	}
	hash0 := sha256.Sum256([]byte(first))
	require.Equal(t, hash0, got[0].Hash)
	second := fmt.Sprintf("festival-seal 1\nprev %x\nledger %s\npartition 1\nsegment 1\noffsets 4 8\n", hash0, ledger) +
		"255\tlog\t72656a65637465643a6e6f745f6a736f6e\t0\t1\t0\t0\t0\t0\t0\t0\n"
	hash1 := sha256.Sum256([]byte(second))
	require.Equal(t, hash1, got[1].Hash)
	third := fmt.Sprintf("festival-seal 1\nprev %x\nledger %s\npartition 1\nsegment 2\noffsets 8 12\n", hash1, ledger)
	require.Equal(t, sha256.Sum256([]byte(third)), got[2].Hash)

	require.Equal(t, [2]int64{1794412800000, 1794330000000}, [2]int64{got[0].LastMs, got[0].MaxEventMs})
	require.Equal(t, [2]int64{1794412800001, 1794330000000}, [2]int64{got[2].LastMs, got[2].MaxEventMs})
	require.Equal(t, rules.Ledger, got[0].Prev)
	require.Equal(t, hash1, got[2].Prev)
}

func TestSortedBreaksTiesByBucket(t *testing.T) {
	cells := map[CellKey]Measures{{0, Total, "", 60}: {Orders: 1}, {0, Total, "", 7}: {Orders: 1},
		{255, Log, "a", 0}: {Orders: 1}, {0, Device, "a", 1}: {Orders: 1}, {0, Total, "", 9}: {}}
	require.Equal(t, []CellKey{{0, Total, "", 7}, {0, Total, "", 60}, {0, Device, "a", 1}, {255, Log, "a", 0}}, sorted(cells))
}

func TestBrokenWorld(t *testing.T) {
	p := NewPartition(testRules(t), 0, 0)
	feed(t, p, 5, with())
	_, err := p.Feed(Record{Offset: 5, Value: []byte(with())})
	require.ErrorContains(t, err, "offset 5 comes after 5")

	p = NewPartition(testRules(t), 0, 0)
	big := func(i int) string {
		return with("order_id", fmt.Sprintf(`"o%d"`, i), "currency", `"USD"`, "amount", "1000000000")
	}
	for i := int64(0); err == nil || i < 2; i++ {
		require.Less(t, i, int64(20000), "2^53 fen have passed")
		_, err = p.Feed(Record{Offset: 0 + i*4, Value: []byte(big(int(i)))}) // a segment each: figures overflow, cells do not
	}
	require.ErrorContains(t, err, "past 2^53-1")
}
