package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/ingest/verify"
)

// BenchmarkVerify is the whole of verify on both partitions at once, per record: franz-go, recount, raw rows field by
// field, cells and seals. The broker (kfake, same process) and the engine (a child) work on the same cores.
func BenchmarkVerify(b *testing.B) {
	const records = 200_000
	f := newFestival(b, 65536)
	f.huge = 100 // not too large, not JSON either: a broken producer's megabytes are not what is measured
	for range 10 {
		f.produce(b, records/10, kgo.TryCommit)
	}
	f.count(b, 4<<20)
	for name, with := range map[string]func(*verify.Config){"kafka": func(*verify.Config) {}, "orders": fromOrders} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r := f.verify(b, with)
				require.Zero(b, r.Count)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
		})
	}
}
