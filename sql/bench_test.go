package sql_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql"
	"festival/sql/engine"
	"festival/sql/engine/enginetest"
)

// opened is a migrated store whose engine's CPU time can be read.
type opened struct {
	*sql.Store
	engine *engine.Process
}

func openBench(b testing.TB) opened {
	p := enginetest.Start(b)
	store, err := sql.Open(context.Background(), sql.Config{DSN: p.DSN("")})
	require.NoError(b, err)
	b.Cleanup(func() { _ = store.Close() })
	_, err = store.Migrate(context.Background())
	require.NoError(b, err)
	return opened{store, p}
}

// engineCPU is user and system time of the engine's process.
func (o opened) engineCPU(b testing.TB) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", o.engine.Pid()))
	require.NoError(b, err)
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100 on Linux
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure reports rows per second and CPU of both sides per row.
func (o opened) measure(b *testing.B, run func() (rows int)) {
	engine, own, start, rows := o.engineCPU(b), ownCPU(), time.Now(), 0
	for b.Loop() {
		rows += run()
	}
	b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
	b.ReportMetric(float64(ownCPU()-own)/float64(rows), "client-ns/row")
	b.ReportMetric(float64(o.engineCPU(b)-engine)/float64(rows), "engine-ns/row")
	b.ReportMetric(0, "ns/op")
}

// settle waits until no merge runs, so that only reads are measured.
func (o opened) settle(b testing.TB) {
	conn := plain(b, o.engine.DSN(sql.DefaultDatabase))
	quiet := func() bool { return one[uint64](b, conn, "SELECT count() FROM system.merges") == 0 }
	require.Eventually(b, quiet, time.Minute, 100*time.Millisecond)
}

// realistic fills rows as CONTRACT.md's example has them.
func realistic(rng *rand.Rand, n int, next *int64) *sql.Orders {
	o := new(sql.Orders)
	for i := range n {
		*next++
		addOrder(o, int32(i*4/n), *next) // partition after partition, as a flush brings them
		last := o.Len() - 1
		o.Verdict[last], o.Rehearsal[last] = 4, 0
		o.OrderID[last] = fmt.Sprintf("261111%010d", *next)
		o.MerchantID[last] = fmt.Sprintf("m%d", rng.IntN(20000)*rng.IntN(20000)/20000)
		o.BuyerID[last] = fmt.Sprintf("b%d", rng.IntN(9_000_000))
		o.BrandID[last] = fmt.Sprintf("br%d", rng.IntN(3000))
		o.ProductID[last] = fmt.Sprintf("p%d", rng.IntN(100_000))
		o.StoreID[last], o.City[last] = fmt.Sprintf("s%d", rng.IntN(8000)), fmt.Sprintf("%06d", 110000+rng.IntN(300)*100)
		o.BuyerCountry[last], o.Province[last] = uint8(rng.IntN(200)), uint8(rng.IntN(34))
		o.AmountMinor[last] = rng.Int64N(100_000)
		o.AmountFen[last] = o.AmountMinor[last]
	}
	return o
}

func BenchmarkInsertOrders(b *testing.B) {
	for _, n := range []int{20_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			store := openBench(b)
			var next int64
			batches := []*sql.Orders{}
			for range 8 {
				batches = append(batches, realistic(rand.New(rand.NewPCG(1, 2)), n, &next))
			}
			i := 0
			store.measure(b, func() int {
				o := batches[i%len(batches)]
				if i++; i > len(batches) { // further on in the log
					for k := range o.Offset {
						o.Offset[k] += int64(len(batches) * n)
					}
				}
				require.NoError(b, store.InsertOrders(context.Background(), ledger, o))
				return n
			})
		})
	}
}

func BenchmarkOrderKeys(b *testing.B) {
	store := openBench(b)
	var next int64
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		o := realistic(rng, 500_000, &next)
		for i := range o.Partition {
			o.Partition[i], o.Offset[i] = 0, next+int64(i)
		}
		require.NoError(b, store.InsertOrders(context.Background(), ledger, o))
	}
	store.measure(b, func() (rows int) {
		require.NoError(b, store.OrderKeys(context.Background(), ledger, 0, 0, 1<<40, func(ids []string, _ []uint8, _ []string) error {
			rows += len(ids)
			return nil
		}))
		return rows
	})
}

// A merchant's curve among 5 million raw rows, by the minute.
func BenchmarkMerchantSeries(b *testing.B) {
	store := openBench(b)
	var next int64
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10 {
		require.NoError(b, store.InsertOrders(context.Background(), ledger, realistic(rng, 500_000, &next)))
	}
	store.settle(b)
	q := sql.MerchantQuery{Merchant: "m77", Positions: map[int32]int64{0: 1 << 40, 1: 1 << 40, 2: 1 << 40, 3: 1 << 40}}
	store.measure(b, func() int {
		q.Step++ // so that nothing is remembered
		points, err := store.MerchantSeries(context.Background(), ledger, q)
		require.NoError(b, err)
		require.NotEmpty(b, points)
		return int(next)
	})
}
