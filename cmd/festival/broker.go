package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"festival/ingest/broker"
)

// The bounds of --keep-log: a broker of 64 partitions has a segment each, and whoever only reads a demo's log deletes nothing of it.
const (
	leastLog = size(1 << 30)
	mostLog  = size(1 << 40)
)

// brokerPace is the collector's pace (GOGC) of the broker's process, where an operator has set none: little lives there (some 20 MB)
// and what is fetched is thrown away, so that at Go's own 100 the collector takes a third of its CPU (0.8 to 0.5 s of 2.9 M records fetched).
const brokerPace = 400

// brokerCmd runs the demo's broker in a process of its own: hidden, because it is no broker for anything else.
type brokerCmd struct {
	Dir        string `required:""`
	Addr       string `required:""`
	Topic      string `required:""`
	Partitions int    `required:""`
	Retention  int64  `default:"1073741824"` // bytes of the log that are kept
}

// Run serves until the parent lets go of standard input.
func (b *brokerCmd) Run(a *app) error {
	ctx, cancel := endWithParent(a.ctx, os.Stdin)
	defer cancel()
	if !a.ownPace() {
		debug.SetGCPercent(brokerPace)
	}
	c := broker.DefaultConfig()
	c.Dir, c.Addr, c.Topic, c.Partitions, c.RetentionBytes = b.Dir, b.Addr, b.Topic, b.Partitions, b.Retention
	running, err := broker.Start(ctx, c)
	if err != nil {
		return err
	}
	<-ctx.Done()
	running.Stop()
	return nil
}

func (d *demoCmd) brokerChild(a *app, c *Config, log *slog.Logger) *child {
	return &child{name: "broker", log: log, stderr: a.err,
		args: []string{"broker", "--dir", brokerDir(d.Data), "--addr", d.KafkaAddr, "--topic", c.Kafka.Topic,
			"--partitions", strconv.Itoa(c.Kafka.Partitions), "--retention", strconv.FormatInt(int64(d.KeepLog), 10)},
		ready: func(ctx context.Context) error { return awaitDial(ctx, d.KafkaAddr) }}
}

// awaitDial waits until something listens.
func awaitDial(ctx context.Context, addr string) error {
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", addr, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
