package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"festival/aggregate"
	"festival/ingest"
	"festival/ingest/kafka"
	"festival/sql"
)

// configFlags are what every command with a configuration takes. Flags stand over the environment, the environment
// over the file.
type configFlags struct {
	Config  string   `help:"festival.yaml." type:"path" placeholder:"FILE"`
	Check   bool     `help:"Read everything, connect to nothing, and exit."`
	Brokers []string `help:"Kafka brokers, over kafka.brokers." placeholder:"HOST:PORT"`
	Topic   string   `help:"Topic of the orders, over kafka.topic."`
	DSN     string   `help:"ClickHouse, over clickhouse.dsn; without a password, which flags show to everybody (FESTIVAL_CLICKHOUSE_PASSWORD)." name:"dsn" placeholder:"URL"`
}

func (f *configFlags) checking() bool { return f.Check }

// read gives the configuration, checked: the error is every problem of file, environment and flags.
func (f *configFlags) read(a *app, needKafka bool) (*Config, error) {
	c, err := f.merge(a)
	return c, both(err, c.Validate(needKafka))
}

// merge puts the flags over environment and file, unchecked. The configuration is what could be read, never nil.
func (f *configFlags) merge(a *app) (*Config, error) {
	c, err := ReadConfig(f.Config, a.environ)
	if f.Config == "" {
		c.read.nothing()
		err = both(errors.New("no configuration: give --config festival.yaml (deploy/festival.example.yaml is one)"), err)
	}
	c.overBrokers(f.Brokers)
	c.over("kafka.topic", &c.Kafka.Topic, f.Topic)
	return c, both(err, c.overDSN(f.DSN))
}

// over sets a setting to what a flag gives, if it does.
func (c *Config) over(path string, setting *string, flag string) {
	if flag != "" {
		*setting = flag
		c.read.over(path)
	}
}

func (c *Config) overBrokers(flag []string) {
	if len(flag) > 0 {
		c.Kafka.Brokers = flag
		c.read.over("kafka.brokers")
	}
}

// both joins problems of usage, each once, a line each.
func both(problems ...error) error {
	return asUsage(errors.Join(problems...))
}

func (a *app) logger() *slog.Logger { return slog.New(slog.NewTextHandler(a.err, nil)) }

// openLedger finds the open ledger of this festival in the store, or opens the first one. A ledger with other rules
// is refused with the names of what differs: numbers of two ledgers never mix.
func openLedger(ctx context.Context, store *sql.Store, client *kafka.Client, c *Config, rules *aggregate.Rules) (ingest.Ledger, error) {
	identity, err := ensureTopic(ctx, client)
	if err != nil {
		return ingest.Ledger{}, err
	}
	open, err := newestLedger(ctx, store, c.Festival.ID)
	if err != nil {
		return ingest.Ledger{}, err
	}
	serial := 1
	if open != nil {
		serial = open.Serial
	}
	document := rules.Document(identity.ClusterID, identity.Topic, int(identity.Partitions), serial)
	id := aggregate.LedgerID(document)
	if open == nil {
		if open, err = createLedger(ctx, store, client, c, identity, document, serial, rules); err != nil {
			return ingest.Ledger{}, err
		}
	}
	if open.ID != fmt.Sprintf("%x", id) {
		return ingest.Ledger{}, usageError{c.ledgerDiffers(open.Document, string(document), c.Kafka.Partitions)}
	}
	l := ingest.Ledger{ID: id, Prefix: open.Prefix, LogStart: open.LogStart, Identity: identity}
	if err := noteTopic(ctx, store, client, &l); err != nil {
		return ingest.Ledger{}, fmt.Errorf("the topic's id: %w", err)
	}
	return l, nil
}

// brokersWithin is how long a start waits for the brokers: at a common start of everything they may come last.
const brokersWithin = 30 * time.Second

// ensureTopic finds the topic of the orders, or creates it.
func ensureTopic(ctx context.Context, client *kafka.Client) (kafka.Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, brokersWithin)
	defer cancel()
	identity, err := client.EnsureTopic(ctx, nil)
	if err != nil {
		return identity, fmt.Errorf("kafka at %s: no answer that can be used: start it, or mend kafka.brokers, kafka.tls, kafka.sasl: %w", strings.Join(client.Config().Brokers, ","), oneLine{err})
	}
	return identity, nil
}

// offsetsNow asks for ends for as long as a start waits for the brokers: a topic that was just made has no leaders for a moment.
func offsetsNow(ctx context.Context, client *kafka.Client, ids []int32) ([]kafka.Offsets, error) {
	ctx, cancel := context.WithTimeout(ctx, brokersWithin)
	defer cancel()
	for {
		ends, err := client.Offsets(ctx, ids)
		if err == nil || !kafka.Retryable(err) || !sleep(ctx, 200*time.Millisecond) {
			return ends, err
		}
	}
}

func newestLedger(ctx context.Context, store *sql.Store, festival string) (*sql.Ledger, error) {
	all, err := store.Ledgers(ctx)
	if err != nil {
		return nil, fmt.Errorf("ledgers: %w", err)
	}
	var newest *sql.Ledger
	for i := range all {
		if l := &all[i]; l.Festival == festival && (newest == nil || l.Serial > newest.Serial) {
			newest = l
		}
	}
	return newest, nil
}

func createLedger(ctx context.Context, store *sql.Store, client *kafka.Client, c *Config, identity kafka.Identity, document []byte, serial int, rules *aggregate.Rules) (*sql.Ledger, error) {
	ends, err := offsetsNow(ctx, client, identity.All())
	if err != nil {
		return nil, fmt.Errorf("log start: %w", err)
	}
	l, err := newLedger(document, serial, c.Festival.ID, rules)
	if err != nil {
		return nil, err
	}
	for _, e := range ends {
		l.LogStart = append(l.LogStart, e.LogStart)
	}
	if err := store.CreateLedger(ctx, l); err != nil {
		return nil, fmt.Errorf("new ledger: %w", err)
	}
	// Two first ingests may have made it at once: what stands is what the store gives, with one log start for both.
	return newestLedger(ctx, store, c.Festival.ID)
}

// newLedger is a ledger's record but for its log start.
func newLedger(document []byte, serial int, festival string, rules *aggregate.Rules) (sql.Ledger, error) {
	id := aggregate.LedgerID(document)
	text := hex.EncodeToString(id[:])
	prefix, err := sql.LedgerPrefix(text)
	return sql.Ledger{ID: text, Prefix: prefix, Document: string(document), Serial: serial, Festival: festival,
		CreatedMs: time.Now().UnixMilli(), Codes: codes(rules)}, err
}

// codes are the names by code of every catalogue, so that raw rows can be read without this program.
func codes(rules *aggregate.Rules) map[string][]string {
	currencies := make([]string, len(rules.Rates))
	for i, r := range rules.Rates {
		currencies[i] = r.Currency
	}
	return map[string][]string{"currency": currencies, "country": aggregate.Countries.Names(),
		"province": aggregate.Provinces.Names(), "device": aggregate.Devices.Names(), "channel": aggregate.Channels.Names(),
		"marketplace": rules.Marketplaces.Names(), "category": rules.Categories.Names()}
}

// ledgerDiffers names the parts of the sealed document that are not the same. Partitions are those of the file, which make a topic and
// change none.
func (c *Config) ledgerDiffers(stored, now string, partitions int) error {
	problems := []error{fmt.Errorf("the store's open ledger has other rules than this configuration; mend the configuration, or open a new ledger beside it with `festival ledger new %s`", c.place())}
	for _, d := range differences("", json.RawMessage(stored), json.RawMessage(now)) {
		problems = append(problems, d.sentence(partitions))
	}
	return errors.Join(problems...)
}

// difference is one part of the sealed document and both its values.
type difference struct{ at, stored, now string }

// sentence says whose the other value is: cluster and partitions are what Kafka answers, whatever the file says.
func (d difference) sentence(partitions int) error {
	switch d.at {
	case "cluster":
		return fmt.Errorf("cluster: the ledger has %s, the brokers answer as %s: point kafka.brokers at the ledger's cluster", d.stored, d.now)
	case "partitions":
		return fmt.Errorf("partitions: the ledger has %s, the topic has %s (kafka.partitions is %d, which only makes a topic): keys have moved between partitions, it takes a new ledger",
			d.stored, d.now, partitions)
	}
	return fmt.Errorf("%s: the ledger has %s, the configuration %s", d.at, d.stored, d.now)
}

// differences compares two JSON values; objects are gone through key by key, so that one rate of many is named.
func differences(at string, stored, now json.RawMessage) (found []difference) {
	var a, b map[string]json.RawMessage
	if json.Unmarshal(stored, &a) != nil || json.Unmarshal(now, &b) != nil {
		if string(stored) != string(now) {
			found = append(found, difference{at, shorten(stored), shorten(now)})
		}
		return found
	}
	for _, key := range sortedKeys(a, b) {
		found = append(found, differences(strings.TrimPrefix(at+"."+key, "."), a[key], b[key])...)
	}
	return found
}

// ledgerOf reads a stored ledger and holds it against rules, without asking Kafka.
func (c *Config) ledgerOf(open *sql.Ledger, rules *aggregate.Rules) (ingest.Ledger, error) {
	var place sealedPlace
	if err := json.Unmarshal([]byte(open.Document), &place); err != nil {
		return ingest.Ledger{}, fmt.Errorf("ledger document: %w", err)
	}
	document := rules.Document(place.Cluster, place.Topic, place.Partitions, place.Serial)
	id := aggregate.LedgerID(document)
	if open.ID != hex.EncodeToString(id[:]) {
		return ingest.Ledger{}, usageError{c.ledgerDiffers(open.Document, string(document), 0)}
	}
	return ingest.Ledger{ID: id, Prefix: open.Prefix, LogStart: open.LogStart,
		Identity: kafka.Identity{ClusterID: place.Cluster, Topic: place.Topic, Partitions: int32(place.Partitions)}}, nil
}
