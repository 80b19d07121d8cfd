package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"time"

	"festival/ingest/frames"
)

// openFrames opens the frames topic where one is configured. A serve whose way to official frames is not the ledger's is
// refused: two ways make two chains.
func (n *nightParts) openFrames() error {
	topic, ctx := n.config.Kafka.FramesTopic, n.app.ctx
	if err := n.checkFramesTopic(ctx); err != nil || topic == "" {
		return err
	}
	id := hex.EncodeToString(n.ledger.ID[:])
	k, err := n.config.kafkaConfig()
	if err != nil {
		return asUsage(err)
	}
	k.Topic, k.Group = topic, fmt.Sprintf("%s-%s-%.16s", k.Group, topic, id) // serves of another ledger publish for themselves
	log, err := frames.New(frames.Config{Kafka: k, Cluster: n.ledger.Identity.ClusterID, Key: []byte(id)})
	if err != nil {
		return asUsage(err)
	}
	n.frames = log
	within, cancel := context.WithTimeout(ctx, brokersWithin)
	defer cancel()
	if err := log.Ensure(within); err != nil {
		return err
	}
	if err := n.store.InsertFrameTopic(ctx, n.ledger.Prefix, topic, time.Now().UnixMilli()); err != nil {
		return err
	}
	return n.checkFramesTopic(ctx) // another serve may have brought another topic in the same moment
}

// checkFramesTopic holds kafka.frames_topic against the topic that the ledger's frames have gone through so far, if any.
func (n *nightParts) checkFramesTopic(ctx context.Context) error {
	topics, err := n.store.FrameTopics(ctx, n.ledger.Prefix)
	if err != nil {
		return fmt.Errorf("frames topic of the ledger: %w", err)
	}
	for _, used := range topics {
		switch configured := n.config.Kafka.FramesTopic; {
		case used == configured:
		case configured == "":
			return usageError{fmt.Errorf("the official frames of this ledger are made through topic %s: set kafka.frames_topic to %s, or start with --follow", used, used)}
		default:
			return usageError{fmt.Errorf("kafka.frames_topic is %s, but the official frames of this ledger are made through topic %s: two topics make two chains; set it to %s, or start with --follow", configured, strings.Join(topics, " and "), topics[0])}
		}
	}
	return nil
}

// instance names this process among the serves of a ledger, for people.
func instance(addr string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	return fmt.Sprintf("%s %s pid %d", host, addr, os.Getpid())
}
