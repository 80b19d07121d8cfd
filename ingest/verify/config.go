package verify

import (
	"errors"
	"fmt"
	"io"

	"github.com/twmb/franz-go/pkg/kgo"

	"festival/sql"
)

// The sources of records.
const (
	FromKafka  = "kafka"  // the log itself
	FromOrders = "orders" // raw rows: tables orders and rejects
)

// Config says what is verified. Store and Ledger are required.
type Config struct {
	Store  *sql.Store
	Ledger sql.Ledger // as Store.Ledgers gives it, with Document and LogStart

	// Kafka are the seed brokers, HOST:PORT. Empty: there is no Kafka, everything is recounted from raw rows.
	Kafka []string
	// KafkaOpts are further options of the client: TLS, SASL. What verify needs itself it sets after them.
	KafkaOpts []kgo.Opt

	// From is FromKafka, FromOrders, or "": Kafka where the log is there, raw rows for the rest. FromKafka fails
	// where the log does not reach back to the ledger's start.
	From string
	// Partitions are the partitions to recount. Default: all, which is also what comparing frames needs.
	Partitions []int32
	// Until stops the recount at a position (an offset, exclusive) of the only partition. Default: the stored progress.
	Until int64

	// ThresholdsFen are the milestones of festival.yaml, which the ledger does not have. Default: a milestone without a record is
	// not looked for.
	ThresholdsFen []int64

	// OwnPace leaves the garbage collector's pace to whoever has set it. Default: false, the garbage beside what lives stays at 256 MiB.
	OwnPace bool
	// Progress is told how far the work is: a line every few seconds, or, on a Terminal, one line that is written again.
	// Default: nobody.
	Progress io.Writer
	Terminal bool
}

func (c Config) withDefaults() Config {
	if c.Progress == nil {
		c.Progress = io.Discard
	}
	if len(c.Partitions) == 0 {
		for p := range c.Ledger.LogStart {
			c.Partitions = append(c.Partitions, int32(p))
		}
	}
	return c
}

// Validate reports every problem of the configuration.
func (c Config) Validate() error {
	var problems []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	bad(c.Store == nil, "verify needs a store")
	bad(c.Ledger.Document == "", "verify needs a ledger with its document")
	bad(c.From != "" && c.From != FromKafka && c.From != FromOrders, "--from %q: give kafka or orders", c.From)
	bad(c.From == FromKafka && len(c.Kafka) == 0, "--from kafka: no brokers are set (kafka.brokers)")
	bad(c.Until < 0, "--until %d: give an offset", c.Until)
	bad(c.Until > 0 && len(c.Partitions) != 1, "--until %d: name one partition with --partition", c.Until)
	for _, p := range c.Partitions {
		bad(p < 0 || int(p) >= len(c.Ledger.LogStart), "partition %d: the ledger has 0 to %d", p, len(c.Ledger.LogStart)-1)
	}
	return errors.Join(problems...)
}
