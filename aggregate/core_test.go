package aggregate

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func testCore(t *testing.T, set *Fingerprints) *Core {
	return NewCore(CoreConfig{Rules: testRules(t), Set: set})
}

func paidOrder(id string, fen int64) *Order {
	return &Order{OrderID: []byte(id), MerchantID: []byte("m"), Status: Paid, PaidMs: firstMs, AmountMinor: fen}
}

// A partition at the limit of its set stops before the record, and a duplicate still passes until then.
func TestCoreFull(t *testing.T) {
	core := testCore(t, NewFingerprints(1))
	_, _, err := core.Count(paidOrder("a", 5), 0, 1, true, false)
	require.NoError(t, err)
	verdict, _, err := core.Count(paidOrder("a", 5), 1, 1, true, false)
	require.NoError(t, err)
	require.Equal(t, Duplicate, verdict)
	_, _, err = core.Count(paidOrder("b", 5), 2, 1, true, true)
	require.ErrorIs(t, err, ErrFull)
	require.ErrorContains(t, err, "partition 0, offset 2")
	requirePrefix(t, core, err, 2, 5)
}

// A sum past 2^53-1 stops the partition before the record.
func TestCoreSum(t *testing.T) {
	core := testCore(t, nil)
	_, _, err := core.Count(paidOrder("a", MaxSum-1), 0, 1, true, false)
	require.NoError(t, err)
	refund := paidOrder("a", MaxSum)
	refund.Status, refund.RefundedMs = Refunded, firstMs
	_, _, err = core.Count(refund, 1, 1, true, false)
	require.NoError(t, err, "refunds have a sum of their own")
	_, _, err = core.Count(paidOrder("b", 1), 2, 1, true, false)
	require.NoError(t, err)
	_, _, err = core.Count(paidOrder("c", 1), 3, 1, false, true)
	require.ErrorIs(t, err, ErrSum)
	requirePrefix(t, core, err, 3, MaxSum)
}

// requirePrefix holds what a stopped core drains against the prefix before the record that failed.
func requirePrefix(t *testing.T, core *Core, failure error, next, gmv int64) {
	t.Helper()
	require.Equal(t, failure, core.Reject(NotJSON, next+1, 1, true), "a stopped core stays so")
	var u Update
	core.Drain(next, Tail{}, &u, nil)
	require.Equal(t, next, u.Progress[0].Next)
	for _, c := range u.Cells {
		require.NotContains(t, []string{LogMiskeyed, LogRehearsal}, c.Key)
		if c.Dim == DimTotal {
			require.Equal(t, gmv, c.M.GmvFen)
		}
	}
}

func TestCoreRefusesOffsetsBackwards(t *testing.T) {
	core := testCore(t, nil)
	require.NoError(t, core.Reject(NotJSON, 7, 1, false))
	require.ErrorIs(t, core.Reject(NotJSON, 7, 1, false), ErrOrder)
	require.Panics(t, func() { core.Drain(7, Tail{}, &Update{}, nil) })
	rules := testRules(t)
	require.Panics(t, func() { NewCore(CoreConfig{Rules: rules, Start: 17, LogStart: 3}) })
	require.Panics(t, func() { NewCore(CoreConfig{Rules: rules, Start: 16, LogStart: 17}) })
}

// Every reason has a log cell of its own.
func TestCoreReasons(t *testing.T) {
	core := testCore(t, nil)
	want := map[string]int64{}
	for i, reason := range allReasons() {
		require.NoError(t, core.Reject(reason, int64(i), 1, false))
		want["rejected:"+reason.String()]++
	}
	var u Update
	core.Drain(int64(len(want)), Tail{}, &u, nil)
	got := map[string]int64{}
	for _, c := range u.Cells {
		require.Equal(t, DimLog, c.Dim)
		require.Equal(t, NoWindow, c.Window)
		got[c.Key] += c.M.Orders
	}
	require.Len(t, want, 87)
	require.Equal(t, want, got)
}

// Cities come back as they went in, and their ranks are in byte order.
func TestCityRanks(t *testing.T) {
	last := ""
	for _, city := range []string{"000000", "000001", "330100", "999999", "AA222", "AA22Z", "AAA22", "CNSHA", "USNY9", "USNYC", "ZZZZZ"} {
		rank := cityRank([]byte(city))
		require.Equal(t, city, string(appendCity(nil, rank)))
		require.Less(t, last, city)
		require.Less(t, int64(rank), int64(1)<<25)
		if last != "" {
			require.Less(t, cityRank([]byte(last)), rank)
		}
		last = city
	}
	for _, city := range []string{"", "33010", "3301000", "33010a", "cnsha", "CN1HA", "C2SHA", "CNSH", "CNSH0"} {
		require.EqualValues(t, cityUnknown, cityRank([]byte(city)), city)
	}
	require.Equal(t, Unknown, string(appendCity(nil, cityUnknown)))
}

// A log time of 0 or less says nothing of the last record, and its event time, which nothing bounds, does not lift the watermark.
func TestCoreTimes(t *testing.T) {
	core := testCore(t, nil)
	f := func(kafkaMs, eventMs, wantLast, wantEvent int64) {
		t.Helper()
		o := paidOrder(fmt.Sprint(core.next), 1)
		o.PaidMs = eventMs
		_, _, err := core.Count(o, core.next, kafkaMs, true, false)
		require.NoError(t, err)
		var u Update
		core.Drain(core.next, Tail{}, &u, nil)
		require.Equal(t, []int64{wantLast, wantEvent}, []int64{u.Progress[0].LastMs, u.Progress[0].MaxEventMs})
	}
	f(5000, 3000, 5000, 3000)
	f(4000, 9000, 4000, 4000)
	f(-1, 4500, 4000, 4000)
	f(0, 4102444799999, 4000, 4000) // in the year 2099
	f(4600, 4500, 4600, 4500)
}

// Keys of flows and cities are what the seal writes, beyond the bound of kept cities too.
func TestKeysOfFlowsAndCities(t *testing.T) {
	core := testCore(t, nil)
	n := uint32(Countries.Len())
	for from := range n {
		for to := range n {
			rank := from<<8 | to
			if want := string(core.keys.appendKey(nil, DimFlow, rank)); core.keys.key(DimFlow, rank) != want {
				require.Equal(t, want, core.keys.key(DimFlow, rank))
			}
		}
	}
	for range 2 {
		for rank := range uint32(maxCities + 10) {
			require.Equal(t, string(appendCity(nil, rank)), core.city(rank))
		}
		require.Equal(t, Unknown, core.city(cityUnknown))
		require.Len(t, core.cities, maxCities)
	}
}
