package frames

import (
	"errors"
	"fmt"
	"time"

	"festival/ingest/kafka"
)

// Config says where the topic is. Kafka's Topic is the frames topic, its Group the group of the serves of one ledger.
type Config struct {
	Kafka   kafka.Config
	Cluster string // id of the ledger's cluster: the topic has to be there
	Key     []byte // of every record: the ledger id, for people
}

// Session is how long a publisher may be silent before another takes over: the least that brokers allow
// (group.min.session.timeout.ms). A zombie that wakes after it does no harm, so there is no reason to wait longer.
const Session = 6 * time.Second

// The topic's bounds.
const (
	// MaxRecord is the largest record, before it is packed. A frame with every country, province and 60 flows has 35 kB,
	// and each window beside it as much again; packed together they take a fourth or less.
	MaxRecord = 8 << 20
	// maxWait of a fetch at the topic's end; records wake it.
	maxWait = 250 * time.Millisecond
	// requestTimeout is short: a proposal that waits longer is worth less than the next second's.
	requestTimeout = 3 * time.Second
)

// Topic is what the topic is created with, where it does not exist.
func Topic() map[string]string {
	return map[string]string{
		"cleanup.policy":         "delete",
		"message.timestamp.type": "LogAppendTime", // one clock for all readers, no publisher's own
		"retention.ms":           "3600000",       // frames are in the store; an hour is for whoever looks what happened
		"segment.ms":             "600000",
		"segment.bytes":          "16777216",
	}
}

// Validate reports every problem of the configuration, joined.
func (c Config) Validate() error {
	err := c.Kafka.Validate()
	if c.Cluster == "" {
		err = errors.Join(err, errors.New("frames topic: the ledger's cluster id is missing"))
	}
	return err
}

// check holds an existing topic against what the chain needs.
func check(topic string, partitions int32, settings map[string]string) error {
	var all []error
	if partitions != 1 {
		all = append(all, fmt.Errorf("kafka.frames_topic %s has %d partitions: it needs exactly 1; name another topic, or none that exists, and it is created", topic, partitions))
	}
	if kind := settings["message.timestamp.type"]; kind != "LogAppendTime" {
		all = append(all, fmt.Errorf("kafka.frames_topic %s has message.timestamp.type %q: set it to LogAppendTime, so that the broker's clock and not a serve's stands in it", topic, kind))
	}
	if policy := settings["cleanup.policy"]; policy != "delete" {
		all = append(all, fmt.Errorf("kafka.frames_topic %s has cleanup.policy %q: set it to delete; compaction would take frames out of the middle", topic, policy))
	}
	return errors.Join(all...)
}
