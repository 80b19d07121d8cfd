package query

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// fullFrame is a frame with every country, province and device and 60 flows, as late on the day.
func fullFrame(b *testing.B) []byte {
	cfg := testConfig(b, newMemoryStore(), 1)
	p := publisher{cfg: &cfg}
	board := p.newBoard()
	u := paid(0, 0, 100_000_000, 0, 0, dayStart)
	u.Cells = nil
	put := func(d aggregate.Dim, set *aggregate.Set) {
		for i, name := range set.Names() {
			n := int64(1_234_567*i + 89)
			u.Cells = append(u.Cells, aggregate.Cell{Dim: d, Key: name, Bucket: dayStart, Segment: 1, Revision: 100_000_000,
				M: aggregate.Measures{Orders: n, GmvFen: n * 17_389, MobileOrders: n / 2, MobileGmvFen: n * 8_111}})
		}
	}
	put(aggregate.DimCountry, aggregate.Countries)
	put(aggregate.DimProvince, aggregate.Provinces)
	total := aggregate.Measures{}
	for _, c := range u.Cells {
		if c.Dim == aggregate.DimCountry {
			total, _ = total.Add(c.M)
		}
	}
	for i := range 60 {
		u.Cells = append(u.Cells, aggregate.Cell{Dim: aggregate.DimFlow, Key: aggregate.Countries.Name(uint8(i+1)) + ">CN", Bucket: dayStart,
			Segment: 1, Revision: 100_000_000, M: aggregate.Measures{Orders: int64(9_876_543 - i*77_777), GmvFen: int64(98_765_432_100 - i*1_234_567)}})
	}
	for _, d := range []aggregate.Dim{aggregate.DimTotal, aggregate.DimDevice} {
		key := map[aggregate.Dim]string{aggregate.DimDevice: "app"}[d]
		u.Cells = append(u.Cells, aggregate.Cell{Dim: d, Key: key, Bucket: dayStart, Segment: 1, Revision: 100_000_000, M: total})
	}
	require.NoError(b, board.Fold(u))
	f, err := board.Frame(dayStart*1000, aggregate.FrameState{Official: true, Prev: cfg.ledgerHex()})
	require.NoError(b, err)
	return f.JSON()
}

// One frame's bytes for all viewers, made once.
func BenchmarkEvent(b *testing.B) {
	body := fullFrame(b)
	p, err := newPacker()
	require.NoError(b, err)
	var e *event
	b.ReportAllocs()
	for b.Loop() {
		e = p.newEvent("1", "h", true, dayStart, body)
	}
	b.ReportMetric(float64(len(e.full.wire)), "wire_bytes")
	b.ReportMetric(float64(len(e.full.packed)), "packed_bytes")
	b.ReportMetric(float64(len(e.compact.wire)), "total_wire_bytes")
	b.ReportMetric(float64(len(e.compact.packed)), "total_packed_bytes")
}

// A pass over viewers that take everything: what the hub itself costs beside the write.
func BenchmarkPass(b *testing.B) {
	for _, viewers := range []int{1000, 10_000, 30_000} {
		b.Run(fmt.Sprint(viewers), func(b *testing.B) {
			cfg := testConfig(b, newMemoryStore(), 1)
			cfg.MaxStreams = viewers
			s, err := New(cfg)
			require.NoError(b, err)
			s.hub.lanes = s.hub.lanes[:1]
			for range viewers {
				require.NoError(b, s.hub.join("", newViewer(&sink{room: 1 << 62}, "", true, form{}, nil)))
			}
			e := &event{official: true, full: sent{wire: []byte("x")}}
			s.hub.lanes[0].arrive()
			for b.Loop() {
				s.hub.publish("", e)
				s.hub.lanes[0].pass()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*viewers), "ns/viewer")
			s.hub.close()
		})
	}
}

// A day in seconds as points.
func BenchmarkPoints(b *testing.B) {
	points := make([]point, 86_400)
	for i := range points {
		points[i] = point{dayStart + int64(i), aggregate.Measures{Orders: 40_000, GmvFen: 987_654_321, Created: 60_000}}
	}
	for b.Loop() {
		a, err := curveAnswer(points, "points", nil)
		require.NoError(b, err)
		b.ReportMetric(float64(len(a.body)), "bytes")
	}
}
