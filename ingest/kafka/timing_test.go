package kafka

import (
	"context"
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// cpu reports the processor time of the whole process per operation: what a wall clock cannot say on a machine that others use.
func cpu(b *testing.B) func() {
	at := func() int64 {
		var u syscall.Rusage
		require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
		return u.Utime.Nano() + u.Stime.Nano()
	}
	from := at()
	return func() { b.ReportMetric(float64(at()-from)/float64(b.N), "cpu-ns/op") }
}

// BenchmarkCursor is the cost of taking records out of fetched bytes, with CRC and unpacking: ns and allocations per record.
func BenchmarkCursor(b *testing.B) {
	for codec := None; codec <= Zstd; codec++ {
		var fetched []byte
		const perBatch, batches = 1500, 4
		for i := range int64(batches) {
			fetched = append(fetched, craft(b, codec, i*perBatch, perBatch)...)
		}
		b.Run(codec.String(), func(b *testing.B) {
			c := newCursor(topic, 0)
			defer c.unpack.close()
			b.ReportAllocs()
			defer cpu(b)()
			n, bytes := 0, 0
			for b.Loop() {
				if !c.next() {
					c.open(0, fetched, nil)
					require.True(b, c.next())
				}
				n++
				bytes += len(c.rec.Value)
			}
			b.ReportMetric(float64(bytes)/float64(n), "B/value")
			b.ReportMetric(float64(len(fetched))/(batches*perBatch), "stored-B/record")
		})
	}
}

// TestCursorAllocatesNothing per record once its buffers have grown.
func TestCursorAllocatesNothing(t *testing.T) {
	for codec := None; codec <= Zstd; codec++ {
		fetched := craft(t, codec, 0, 1000)
		c := newCursor(topic, 0)
		defer c.unpack.close()
		walk := func() {
			c.open(0, fetched, nil)
			for c.next() {
			}
			require.NoError(t, c.err)
		}
		walk()
		if raceEnabled {
			continue
		}
		// gzip, lz4 and zstd keep pools that a collection may empty: a few per batch of 1000, none per record.
		require.LessOrEqual(t, testing.AllocsPerRun(20, walk), 10.0, codec)
	}
}

// BenchmarkFetch reads a topic of kfake in the same process, one reader per partition after another: ns per record of everything,
// the broker's part included.
func BenchmarkFetch(b *testing.B) {
	for _, codec := range []Codec{None, LZ4, Zstd} {
		for _, ahead := range []bool{false, true} {
			b.Run(fmt.Sprintf("%v/ahead=%v", codec, ahead), func(b *testing.B) {
				_, cfg := newCluster(b, 1)
				n := fillBench(b, cfg, codec, 100)
				cfg.ReadAhead = ahead
				r := newReader(b, newClient(b, cfg), 0)
				b.ReportAllocs()
				defer cpu(b)()
				b.ResetTimer()
				for i := 0; i < b.N; {
					_, err := r.Fetch(context.Background(), r.Position()%n)
					require.NoError(b, err)
					for r.Next() {
						i++
					}
					require.NoError(b, r.Err())
				}
			})
		}
	}
}

// BenchmarkProduce encodes, packs and sends records to kfake in the same process: ns per record of everything.
func BenchmarkProduce(b *testing.B) {
	for codec := None; codec <= Zstd; codec++ {
		b.Run(codec.String(), func(b *testing.B) {
			_, cfg := newCluster(b, 1)
			p, err := newClient(b, cfg).NewProducer(context.Background())
			require.NoError(b, err)
			e, err := NewEncoder(codec, Header{RehearsalHeader, "1"})
			require.NoError(b, err)
			orders := benchOrders()
			b.ReportAllocs()
			defer cpu(b)()
			b.ResetTimer()
			for i := range b.N {
				o := &orders[i%len(orders)]
				e.Append(o.key, o.value, o.ms)
				if e.Full() || i == b.N-1 {
					_, err = p.Send(context.Background(), 0, e)
					require.NoError(b, err)
					e.Reset()
				}
			}
		})
	}
}

// BenchmarkEncode is the client's part of BenchmarkProduce.
func BenchmarkEncode(b *testing.B) {
	for codec := None; codec <= Zstd; codec++ {
		b.Run(codec.String(), func(b *testing.B) {
			e, err := NewEncoder(codec, Header{RehearsalHeader, "1"})
			require.NoError(b, err)
			orders := benchOrders()
			b.ReportAllocs()
			defer cpu(b)()
			for i := 0; b.Loop(); i++ {
				o := &orders[i%len(orders)]
				e.Append(o.key, o.value, o.ms)
				if e.Full() {
					_, err = e.seal(1, 0, 0)
					require.NoError(b, err)
					e.Reset()
				}
			}
		})
	}
}

type benchOrder struct {
	key, value []byte
	ms         int64
}

func benchOrders() []benchOrder {
	out := make([]benchOrder, 4096)
	for i := range out {
		out[i].key, out[i].value, out[i].ms = order(i)
	}
	return out
}

func fillBench(b *testing.B, cfg Config, codec Codec, batches int) (n int64) {
	p, err := newClient(b, cfg).NewProducer(context.Background())
	require.NoError(b, err)
	e, err := NewEncoder(codec)
	require.NoError(b, err)
	for range batches {
		e.Reset()
		for i := 0; !e.Full(); i++ {
			e.Append(order(i))
		}
		_, err = p.Send(context.Background(), 0, e)
		require.NoError(b, err)
		n += int64(e.Len())
	}
	return n
}
