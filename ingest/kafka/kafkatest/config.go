package kafkatest

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Listener is a way into every node.
type Listener string

// The listeners. Plaintext is always there: the nodes talk to each other over it, and so do the helpers of this package.
const (
	Plaintext Listener = "PLAINTEXT"
	TLS       Listener = "TLS"       // the node shows a certificate of Cluster's own authority
	MutualTLS Listener = "MUTUALTLS" // and demands one of the client
	SASL      Listener = "SASL"      // PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 over plain text
	SASLTLS   Listener = "SASLTLS"   // the same over TLS
)

// protocols are Kafka's names for what is spoken on a listener.
func (l Listener) protocol() string {
	switch l {
	case TLS, MutualTLS:
		return "SSL"
	case SASL:
		return "SASL_PLAINTEXT"
	case SASLTLS:
		return "SASL_SSL"
	}
	return "PLAINTEXT"
}

// Config says what to run. The zero value is one node in a directory that is thrown away.
type Config struct {
	// Nodes, 1 to 3; each is broker and controller. Default: 1. Three survive the loss of one; two survive none.
	Nodes int
	// Dir for data and logs, used again where it holds a cluster already. Default: a temporary one, removed by Close.
	Dir string
	// Keep leaves a temporary directory behind, for its logs.
	Keep bool
	// Listeners beside Plaintext.
	Listeners []Listener
	// Users may log in at SASL and SASLTLS, by every mechanism: name to password.
	Users map[string]string
	// Properties of every node, over those of this package (settings.go).
	Properties map[string]string
	// JVM flags. Default: 256 MB of heap, serial collector, first compiler only: good starts, half the throughput.
	JVM []string
	// StartTimeout of one node, until it says "Kafka Server started". Default: 5 min, for machines under load: 3 s on a quiet one took 2 min at a load of 88.
	StartTimeout time.Duration
	// StopTimeout of a clean stop, after which the node is killed. Default: 30 s.
	StopTimeout time.Duration
	// Lib is the directory of the jars, Java the program. Default: what Find finds.
	Lib, Java string
	// Log receives a line for each start, stop, kill and pause. Default: nowhere.
	Log io.Writer
}

// Validate reports every problem, joined.
func (c Config) Validate() error {
	var all []error
	if c.Nodes < 0 || c.Nodes > 3 {
		all = append(all, fmt.Errorf("nodes is %d: give 1 to 3", c.Nodes))
	}
	for _, l := range c.Listeners {
		if l != TLS && l != MutualTLS && l != SASL && l != SASLTLS {
			all = append(all, fmt.Errorf("listeners has %q: give TLS, MUTUALTLS, SASL or SASLTLS", l))
		}
	}
	if c.StartTimeout < 0 || c.StopTimeout < 0 {
		all = append(all, errors.New("start and stop timeout must not be negative"))
	}
	return errors.Join(all...)
}

func (c Config) withDefaults() Config {
	if c.Nodes == 0 {
		c.Nodes = 1
	}
	if c.JVM == nil {
		c.JVM = []string{"-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}
	}
	if c.StartTimeout == 0 {
		c.StartTimeout = 5 * time.Minute
	}
	if c.StopTimeout == 0 {
		c.StopTimeout = 30 * time.Second
	}
	if c.Log == nil {
		c.Log = io.Discard
	}
	return c
}

// listeners is Plaintext and what was asked for.
func (c Config) listeners() []Listener { return append([]Listener{Plaintext}, c.Listeners...) }

func (c Config) wants(some ...Listener) bool {
	for _, l := range c.Listeners {
		for _, s := range some {
			if l == s {
				return true
			}
		}
	}
	return false
}
