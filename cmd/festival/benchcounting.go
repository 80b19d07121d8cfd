package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
	"festival/ingest/decode"
	"festival/ingest/kafka"
	"festival/ingest/kafka/kafkatest"
	"festival/ingest/rehearsal"
)

// countingDrain is how many records of a partition lie between two drains of its cells, as at 50,000 a second.
const countingDrain = 10_000

// counting measures Kafka (lz4) to all cells, drained and thrown away: no store, no frames. Broker and counting share the
// machine's cores; the sums of what was counted have to be the answer sheet's.
func (b *bench) counting() error {
	dir, done, err := b.dir()
	if err != nil {
		return err
	}
	defer done()
	answer, err := b.fill(dir, b.Records, 1)
	if err != nil {
		return err
	}
	c, err := ReadConfig(filepath.Join(dir, "festival.yaml"), nil)
	if err != nil {
		return err
	}
	rules, err := c.Rules(aggregate.DefaultStride)
	if err != nil {
		return err
	}
	addr, err := kafkatest.FreeAddr()
	if err != nil {
		return err
	}
	broker := &benchChild{name: "broker", args: []string{"broker", "--dir", brokerDir(dir), "--addr", addr, "--topic", c.Kafka.Topic,
		"--partitions", strconv.Itoa(c.Kafka.Partitions), "--retention", strconv.FormatInt(int64(benchLog), 10)}, log: filepath.Join(dir, "broker.log")}
	if err := broker.start(); err != nil {
		return err
	}
	defer broker.kill()
	if err := until(b.app.ctx, nightStart, func() (bool, error) { return dials(b.app.ctx, addr) }); err != nil {
		return err
	}
	c.Kafka.Brokers = []string{addr}
	return b.countAll(c, rules, broker, answer)
}

func (b *bench) countAll(c *Config, rules *aggregate.Rules, broker *benchChild, answer rehearsal.Answer) error {
	client, err := c.kafkaClient()
	if err != nil {
		return err
	}
	defer client.Close()
	ids := kafka.Identity{Partitions: int32(c.Kafka.Partitions)}.All()
	ends, err := client.Offsets(b.app.ctx, ids)
	if err != nil {
		return err
	}
	counts := make([]counting, len(ids))
	begun, cpu, brokerCPU := time.Now(), ownCPU(), cpuSeconds(broker.pid())
	all, ctx := errgroup.WithContext(b.app.ctx)
	for i := range counts {
		counts[i] = counting{rules: rules, decoder: decode.New(rules), core: aggregate.NewCore(aggregate.CoreConfig{Rules: rules, Partition: int32(i), Set: aggregate.NewFingerprints(1 << 40)})}
		all.Go(func() error { return counts[i].run(ctx, client.Reader(ids[i]), ends[i].StableEnd) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	took := time.Since(begun)
	var sum counting
	for _, k := range counts {
		sum.records, sum.orders, sum.fen, sum.cells = sum.records+k.records, sum.orders+k.orders, sum.fen+k.fen, sum.cells+k.cells
	}
	if sum.records != answer.Records || sum.orders != answer.Orders || sum.fen != answer.GmvFen {
		return fmt.Errorf("counted %d records, %d orders, %d fen; the answer sheet says %d, %d, %d", sum.records, sum.orders, sum.fen, answer.Records, answer.Orders, answer.GmvFen)
	}
	used := map[string]float64{"counting": (ownCPU() - cpu).Seconds(), "broker": cpuSeconds(broker.pid()) - brokerCPU}
	return b.print(benchLine{Bench: "counting", Case: "Kafka, lz4, to all cells", OrdersPerS: float64(sum.records) / took.Seconds(), NsPerOrder: used["counting"] * 1e9 / float64(sum.records),
		CPUSeconds: used, RSSMB: map[string]float64{"broker": residentMB(broker.pid())},
		Note: fmt.Sprintf("%d records, %d cells drained, no store; orders and GMV equal the answer sheet", sum.records, sum.cells)})
}

// counting counts one partition.
type counting struct {
	rules   *aggregate.Rules
	decoder *decode.Decoder
	core    *aggregate.Core

	scratch [benchAhead][]byte
	order   [benchAhead]aggregate.Order
	ms, at  [benchAhead]int64
	reason  [benchAhead]aggregate.Reason
	keyOK   [benchAhead]bool
	hints   [benchAhead]aggregate.Hint

	records, orders, fen, cells int64
	update                      aggregate.Update
	seals                       []aggregate.Seal
}

func (k *counting) run(ctx context.Context, r *kafka.Reader, end int64) error {
	defer r.Close()
	for r.Position() < end {
		if _, err := r.Fetch(ctx, r.Position()); err != nil {
			return err
		}
		for n := k.ahead(r); n > 0; n = k.ahead(r) {
			if err := k.count(n); err != nil {
				return err
			}
		}
		if err := r.Err(); err != nil {
			return err
		}
	}
	k.drain(r.Position())
	return nil
}

// ahead decodes some records, as ingest does.
func (k *counting) ahead(r *kafka.Reader) (n int) {
	touched := 0
	for n < benchAhead && r.Next() {
		rec := r.Record()
		if k.scratch[n] == nil {
			k.scratch[n] = make([]byte, decode.ScratchBytes)
		}
		k.decoder.Use(k.scratch[n])
		k.at[n], k.ms[n] = rec.Offset, rec.KafkaMs
		if k.reason[n] = k.decoder.Decode(rec.Value, rec.KafkaMs, &k.order[n]); k.reason[n] == aggregate.Accepted {
			k.keyOK[n] = bytes.Equal(rec.Key, k.order[n].OrderID)
			k.hints[touched] = k.core.Hint(&k.order[n])
			touched++
		}
		n++
	}
	k.core.Touch(k.hints[:touched])
	return n
}

func (k *counting) count(n int) error {
	hint := 0
	for i := range n {
		if k.reason[i] != aggregate.Accepted {
			if err := k.core.Reject(k.reason[i], k.at[i], k.ms[i], true); err != nil {
				return err
			}
		} else {
			o := &k.order[i]
			verdict, fen, err := k.core.CountHint(&k.hints[hint], o, k.at[i], k.ms[i], k.keyOK[i], true)
			if err != nil {
				return err
			}
			if hint++; verdict == aggregate.Counted && o.Status == aggregate.Paid {
				k.orders, k.fen = k.orders+1, k.fen+fen
			}
		}
		if k.records++; k.records%countingDrain == 0 {
			k.drain(k.at[i] + 1)
		}
	}
	return nil
}

func (k *counting) drain(next int64) {
	k.update.Cells, k.update.Progress = k.update.Cells[:0], k.update.Progress[:0]
	k.seals = k.core.Drain(next, aggregate.Tail{}, &k.update, k.seals[:0])
	k.cells += int64(len(k.update.Cells))
}
