package aggregate

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkFold is a flush of 4 partitions with 1,000 records each; BenchmarkFrame is a live frame after it, with all
// countries, provinces and thousands of flows; official adds the hash.
func BenchmarkFold(b *testing.B) {
	board, flush := busyBoard(b)
	b.ResetTimer()
	cells := 0
	for range b.N {
		b.StopTimer()
		u := flush()
		cells += len(u.Cells)
		b.StartTimer()
		if err := board.Fold(u); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(cells), "ns/cell")
}

func BenchmarkFrame(b *testing.B) {
	board, flush := busyBoard(b)
	for _, official := range []bool{false, true} {
		b.Run(fmt.Sprintf("official=%t", official), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				if err := board.Fold(flush()); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				if _, err := board.Frame(dayMs+3_600_000, FrameState{Official: official}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func busyBoard(b *testing.B) (*Board, func() Update) {
	const partitions = 4
	rules := timingRules(b)
	board := NewBoard(BoardConfig{Rules: rules, Partitions: partitions, LatenessMs: 2000, Zone: shanghai})
	crowd := newCrowd(rules)
	var cores []*Core
	for p := range partitions {
		cores = append(cores, NewCore(CoreConfig{Rules: rules, Partition: int32(p)}))
	}
	var o Order
	var offset int64
	flush := func() Update {
		var u Update
		for _, core := range cores {
			for i := range int64(1000) {
				crowd.fill(&o)
				o.BuyerCountry = uint8(crowd.n % int64(Countries.Len()))
				_, _, err := core.Count(&o, offset+i, o.PaidMs, true, false)
				require.NoError(b, err)
			}
			core.Drain(offset+1000, Tail{}, &u, nil)
		}
		offset += 1000
		return u
	}
	for range 20 {
		require.NoError(b, board.Fold(flush()))
	}
	return board, flush
}
