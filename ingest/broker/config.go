package broker

import (
	"errors"
	"fmt"
	"net"
)

// Config of the demo broker. DefaultConfig gives all but Dir; Validate reports every problem at once.
type Config struct {
	// Dir holds the log; it is created. Required. One broker at a time may have it open: the caller holds its lock.
	Dir string
	// Addr to listen on, HOST:PORT; clients are told the same host, so it must be one that they can reach (not 0.0.0.0). Port 0
	// picks a free one. Default: 127.0.0.1:9092.
	Addr string
	// Topic that is created where it is not there. Default: orders.
	Topic string
	// Partitions of the topic when it is created. Default: 4.
	Partitions int
	// RetentionBytes over all partitions: the oldest batches beyond it are deleted. Time deletes nothing, because a rehearsal's
	// records carry the festival's time, which may be years away. Default: 1 GiB.
	RetentionBytes int64
	// SegmentBytes of a log file, per partition. Disk use exceeds RetentionBytes by at most one segment per partition. Default: 16 MiB.
	SegmentBytes int64
	// MaxBatchBytes that a producer may send. Default: 4 MiB.
	MaxBatchBytes int
	// SyncWrites flushes every batch to the disk before it is acknowledged: for a machine that may lose power. Default: false.
	SyncWrites bool
}

// DefaultConfig has every default of Config and no directory.
func DefaultConfig() Config {
	return Config{
		Addr: "127.0.0.1:9092", Topic: "orders", Partitions: 4,
		RetentionBytes: 1 << 30, SegmentBytes: 16 << 20, MaxBatchBytes: 4 << 20,
	}
}

// Validate reports every problem of the configuration, joined.
func (c Config) Validate() error {
	var all []error
	bad := func(ok bool, format string, args ...any) {
		if !ok {
			all = append(all, fmt.Errorf(format, args...))
		}
	}
	bad(c.Dir != "", "broker directory is empty: name one")
	host, _, err := net.SplitHostPort(c.Addr)
	bad(err == nil, "broker address is %q: write HOST:PORT", c.Addr)
	ip := net.ParseIP(host)
	bad(err != nil || host != "" && (ip == nil || !ip.IsUnspecified()), "broker address is %q: name a host that clients can reach, it is handed on to them", c.Addr)
	bad(c.Topic != "", "broker topic is empty: name one")
	bad(c.Partitions >= 1 && c.Partitions <= 1000, "broker partitions is %d: give 1 to 1000", c.Partitions)
	bad(c.SegmentBytes >= 64<<10, "broker segment bytes is %d: give 65536 or more", c.SegmentBytes)
	bad(c.RetentionBytes >= int64(c.Partitions)*c.SegmentBytes, "broker retention is %d bytes: give at least one segment per partition, %d", c.RetentionBytes, int64(c.Partitions)*c.SegmentBytes)
	bad(c.MaxBatchBytes >= 1<<20, "broker max batch bytes is %d: give 1048576 or more, what clients send by default", c.MaxBatchBytes)
	return errors.Join(all...)
}
