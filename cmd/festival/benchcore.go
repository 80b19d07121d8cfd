package main

import (
	"fmt"
	"runtime"
	"syscall"
	"time"

	"festival/aggregate"
	"festival/ingest/decode"
	"festival/ingest/rehearsal"
)

// heldRecords are the records of a rehearsal in memory.
type heldRecords struct {
	bytes  []byte
	keys   []int // ends in bytes: key, then value
	values []int
	ms     []int64
}

func (h *heldRecords) at(i int) (key, value []byte) {
	begin := 0
	if i > 0 {
		begin = h.values[i-1]
	}
	return h.bytes[begin:h.keys[i]], h.bytes[h.keys[i]:h.values[i]]
}

// core measures decode + fingerprints + all dimensions on one core, over records that lie in memory.
func (b *bench) core() error {
	const held = 1_000_000
	records, rules, err := holdRecords(min(held, b.Records))
	if err != nil {
		return err
	}
	if err := b.coreRounds(records, rules); err != nil {
		return err
	}
	return b.corePeer(records, rules)
}

func (b *bench) coreRounds(records *heldRecords, rules *aggregate.Rules) error {
	runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(runtime.NumCPU())
	if err := b.decodeOnly(records, rules); err != nil {
		return err
	}
	for round := range 3 {
		if err := b.coreRound(records, rules, round); err != nil {
			return err
		}
	}
	return nil
}

func holdRecords(n int64) (*heldRecords, *aggregate.Rules, error) {
	start := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	c, err := demoFestival(start, "127.0.0.1:9092", "127.0.0.1:8080")
	if err != nil {
		return nil, nil, err
	}
	rules, err := c.Rules(aggregate.DefaultStride)
	if err != nil {
		return nil, nil, err
	}
	r := rehearsal.DefaultConfig()
	r.StartMs, r.Rate, r.Rules = start.UnixMilli(), 500_000, rules
	g, err := rehearsal.New(r)
	if err != nil {
		return nil, nil, err
	}
	h := &heldRecords{}
	var rec rehearsal.Record
	for range n {
		if !g.Next(&rec) {
			break
		}
		h.bytes = append(h.bytes, rec.Key...)
		h.keys = append(h.keys, len(h.bytes))
		h.bytes = append(h.bytes, rec.Value...)
		h.values = append(h.values, len(h.bytes))
		h.ms = append(h.ms, rec.KafkaMs)
	}
	return h, rules, nil
}

func (b *bench) decodeOnly(h *heldRecords, rules *aggregate.Rules) error {
	d := decode.New(rules)
	var o aggregate.Order
	begun, cpu := time.Now(), ownCPU()
	for i := range h.ms {
		_, value := h.at(i)
		d.Decode(value, h.ms[i], &o)
	}
	return b.print(coreLine("decode", time.Since(begun), ownCPU()-cpu, len(h.ms), 0, len(h.bytes)))
}

// ownCPU is the CPU time of this process, all threads: on a shared machine the wall clock says less.
func ownCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail for RUSAGE_SELF
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// coreRound counts all records once, as the partition's loop does, drained every 10,000 records as at 50,000 a second.
func (b *bench) coreRound(h *heldRecords, rules *aggregate.Rules, round int) error {
	d := decode.New(rules)
	c := aggregate.NewCore(aggregate.CoreConfig{Rules: rules, Set: aggregate.NewFingerprints(1 << 40)})
	var ahead benchRecords
	var before, after runtime.MemStats
	var update aggregate.Update
	var seals []aggregate.Seal
	runtime.GC()
	runtime.ReadMemStats(&before)
	begun, cpu := time.Now(), ownCPU()
	for i := 0; i < len(h.ms); i += benchAhead {
		if err := ahead.count(c, d, h, i, min(i+benchAhead, len(h.ms))); err != nil {
			return err
		}
		if i/10_000 != (i+benchAhead)/10_000 {
			update.Cells, update.Progress = update.Cells[:0], update.Progress[:0]
			seals = c.Drain(int64(min(i+benchAhead, len(h.ms))), aggregate.Tail{}, &update, seals[:0])
		}
	}
	took, used := time.Since(begun), ownCPU()-cpu
	runtime.ReadMemStats(&after)
	return b.print(coreLine(fmt.Sprintf("decode+count+seal, round %d", round+1), took, used, len(h.ms), after.Mallocs-before.Mallocs, len(h.bytes)))
}

func coreLine(name string, took, cpu time.Duration, n int, mallocs uint64, bytes int) benchLine {
	per := float64(mallocs) / float64(n)
	return benchLine{Bench: "core", Case: name, Cores: 1, OrdersPerS: float64(n) / took.Seconds(),
		NsPerOrder: float64(cpu.Nanoseconds()) / float64(n), AllocsPer: &per,
		Note: fmt.Sprintf("%d bytes a record with its key; ns are CPU time", bytes/n)}
}

// benchAhead is ingest's lookahead: records are decoded and their fingerprints touched before they are counted.
const benchAhead = 16

// benchRecords are decoded records that wait for their verdict, as in ingest.
type benchRecords struct {
	scratch [benchAhead][]byte
	orders  [benchAhead]aggregate.Order
	reasons [benchAhead]aggregate.Reason
	hints   [benchAhead]aggregate.Hint
}

func (b *benchRecords) count(c *aggregate.Core, d *decode.Decoder, h *heldRecords, from, to int) error {
	for i := from; i < to; i++ {
		k, o := i-from, &b.orders[i-from]
		if b.scratch[k] == nil {
			b.scratch[k] = make([]byte, decode.ScratchBytes)
		}
		d.Use(b.scratch[k])
		_, value := h.at(i)
		if b.reasons[k] = d.Decode(value, h.ms[i], o); b.reasons[k] == aggregate.Accepted {
			b.hints[k] = c.Hint(o)
		}
	}
	c.Touch(b.hints[:to-from])
	for i := from; i < to; i++ {
		k, o := i-from, &b.orders[i-from]
		if b.reasons[k] != aggregate.Accepted {
			if err := c.Reject(b.reasons[k], int64(i), h.ms[i], true); err != nil {
				return err
			}
			continue
		}
		key, _ := h.at(i)
		if _, _, err := c.CountHint(&b.hints[k], o, int64(i), h.ms[i], string(key) == string(o.OrderID), true); err != nil {
			return err
		}
	}
	return nil
}
