package main

import (
	"context"
	"errors"

	"festival/ingest/broker"
)

// brokers gives where the log of a place is: the asked brokers, those of the configuration, the running demo's, or the
// log of a data directory on which nothing runs, opened for this once. The function ends what was started.
func (f *placeFlags) brokers(ctx context.Context, c *Config, asked []string) ([]string, func(), error) {
	if len(asked) > 0 {
		return asked, func() {}, nil
	}
	if f.Data == "" {
		return c.Kafka.Brokers, func() {}, nil
	}
	unlock, err := lockDir(f.Data)
	if err != nil { // a demo runs on it
		return runningBroker(f.Data, c.Kafka.Brokers), func() {}, nil
	}
	return f.openLog(ctx, c, unlock)
}

// openLog starts the data directory's broker on a free port, under the directory's lock.
func (f *placeFlags) openLog(ctx context.Context, c *Config, unlock func() error) ([]string, func(), error) {
	b := broker.DefaultConfig()
	b.Dir, b.Addr, b.Topic, b.Partitions = brokerDir(f.Data), "127.0.0.1:0", c.Kafka.Topic, c.Kafka.Partitions
	b.RetentionBytes = int64(mostLog)
	running, err := broker.Start(ctx, b)
	if err != nil {
		return nil, nil, errors.Join(err, unlock())
	}
	return []string{running.Addr()}, func() { running.Stop(); _ = unlock() }, nil
}
