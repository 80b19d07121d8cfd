package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"festival/aggregate"
	"festival/sql"
)

// Config is festival.yaml (CONTRACT.md §3). Zero values are "not given"; withDefaults fills them.
type Config struct {
	Festival   Festival   `yaml:"festival"`
	Kafka      Kafka      `yaml:"kafka"`
	ClickHouse ClickHouse `yaml:"clickhouse"`
	HTTP       HTTP       `yaml:"http"`

	dir string // of the file, for paths in it
}

// Festival says what is counted. All but Lateness, Milestones and Reference is sealed with the ledger.
type Festival struct {
	ID           string            `yaml:"id"`
	Name         Name              `yaml:"name"`
	Timezone     string            `yaml:"timezone"` // IANA name
	Windows      []Window          `yaml:"windows"`
	Lateness     time.Duration     `yaml:"lateness"` // default 2s
	Rates        map[string]string `yaml:"rates"`    // yuan per unit; CNY is "1"
	Marketplaces []string          `yaml:"marketplaces"`
	Categories   []string          `yaml:"categories"`
	Milestones   yuans             `yaml:"milestones_cny"` // whole yuan
	Reference    string            `yaml:"reference"`      // CSV: n, gmv_fen; relative to the file
}

// Name is the festival's name in the two languages of every page.
type Name struct {
	ZH string `yaml:"zh"`
	EN string `yaml:"en"`
}

// Window is a span of event time, [Start, End).
type Window struct {
	ID    string    `yaml:"id"`
	Start time.Time `yaml:"start"`
	End   time.Time `yaml:"end"`
}

// Kafka says where the orders are.
type Kafka struct {
	Brokers     []string `yaml:"brokers"`
	Topic       string   `yaml:"topic"`
	Partitions  int      `yaml:"partitions"`   // default 4; used when the topic has to be created
	FramesTopic string   `yaml:"frames_topic"` // of several serves; not used by demo
	Group       string   `yaml:"group"`        // consumer group, default "festival"
}

// ClickHouse says where the store is; an empty DSN is the embedded engine.
type ClickHouse struct {
	DSN string `yaml:"dsn"`
}

// HTTP says where pages and API listen. Open must be true beyond loopback (CONTRACT.md §4).
type HTTP struct {
	Addr string `yaml:"addr"` // default 127.0.0.1:8080
	Open bool   `yaml:"open"`
}

// ReadConfig reads festival.yaml, the environment over it, and fills defaults. An empty path gives the
// environment and the defaults alone. Unknown keys are refused with their line numbers, all at once.
func ReadConfig(path string, environ []string) (*Config, error) {
	c := newConfig()
	if path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, usageError{fmt.Errorf("configuration: %w", err)}
		}
		c.dir = filepath.Dir(path)
		if err := decodeYAML(data, c); err != nil {
			return nil, usageError{fmt.Errorf("%s: %w", path, err)}
		}
	}
	if err := c.applyEnv(environ); err != nil {
		return nil, usageError{err}
	}
	c.withDefaults()
	return c, nil
}

// newConfig has the defaults of settings whose zero value means something; withDefaults fills the others.
func newConfig() *Config {
	return &Config{dir: ".", Festival: Festival{Lateness: 2 * time.Second}}
}

func decodeYAML(data []byte, c *Config) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	err := dec.Decode(c)
	if err == nil && dec.Decode(&yaml.Node{}) != io.EOF {
		return errors.New("more than one YAML document: only the first would be read; remove the line ---")
	}
	if errors.Is(err, io.EOF) {
		return errors.New("the file is empty; see README.md for an example")
	}
	var all *yaml.TypeError
	if errors.As(err, &all) {
		var problems []error
		for _, p := range all.Errors {
			problems = append(problems, errors.New(readableYAML(p)))
		}
		return errors.Join(problems...)
	}
	return err
}

// readableYAML turns the library's "line 3: field x not found in type main.Kafka" into the user's words.
func readableYAML(problem string) string {
	if at, typ, ok := strings.Cut(problem, " not found in type main."); ok {
		section := strings.ToLower(typ)
		return strings.Replace(at, "field ", "unknown key ", 1) + " in section " + section
	}
	return problem
}

// yuans are whole yuan; the library would cut a fraction off without a word.
type yuans []int64

// UnmarshalYAML implements yaml.Unmarshaler.
func (y *yuans) UnmarshalYAML(list *yaml.Node) error {
	var problems yaml.TypeError
	for _, n := range list.Content {
		yuan, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil {
			problems.Errors = append(problems.Errors, fmt.Sprintf("line %d: festival.milestones_cny %q: want whole yuan", n.Line, n.Value))
		}
		*y = append(*y, yuan)
	}
	if list.Kind != yaml.SequenceNode {
		problems.Errors = append(problems.Errors, fmt.Sprintf("line %d: festival.milestones_cny %q: want a list of whole yuan", list.Line, list.Value))
	}
	if len(problems.Errors) > 0 {
		return &problems
	}
	return nil
}

func (c *Config) withDefaults() {
	if c.Kafka.Partitions == 0 {
		c.Kafka.Partitions = 4
	}
	if c.Kafka.Group == "" {
		c.Kafka.Group = "festival"
	}
	if c.HTTP.Addr == "" {
		c.HTTP.Addr = "127.0.0.1:8080"
	}
}

// Validate reports every problem at once. needKafka is false for demo, which has a broker of its own.
func (c *Config) Validate(needKafka bool) error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	f := &c.Festival
	if f.ID == "" {
		bad("festival.id is missing: give the festival a short name, such as 1111-2026")
	}
	if f.Name.ZH == "" || f.Name.EN == "" {
		bad("festival.name needs both zh and en")
	}
	if _, err := time.LoadLocation(f.Timezone); f.Timezone == "" || err != nil {
		bad("festival.timezone %q: give an IANA zone, such as Asia/Shanghai", f.Timezone)
	}
	if f.Lateness < 0 || f.Lateness > time.Hour {
		bad("festival.lateness %s: from 0s to 1h", f.Lateness)
	}
	if !slices.IsSorted(f.Milestones) || len(f.Milestones) > 0 && f.Milestones[0] <= 0 || len(f.Milestones) > 100 {
		bad("festival.milestones_cny %v: at most 100 whole yuan above 0, smallest first", f.Milestones)
	}
	for _, m := range f.Milestones {
		if m > aggregate.MaxSum/100 {
			bad("festival.milestones_cny %d: past the largest sum that is shown, %d", m, aggregate.MaxSum/100)
		}
	}
	if _, err := c.Rules(aggregate.DefaultStride); err != nil {
		problems = append(problems, err)
	}
	if _, err := c.readReference(); err != nil {
		problems = append(problems, err)
	}
	problems = append(problems, c.validatePlaces(needKafka)...)
	if len(problems) > 0 {
		return usageError{errors.Join(problems...)}
	}
	return nil
}

func (c *Config) validatePlaces(needKafka bool) (problems []error) {
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if needKafka && len(c.Kafka.Brokers) == 0 {
		bad("kafka.brokers is missing: give host:port of at least one broker")
	}
	if needKafka && c.Kafka.Topic == "" {
		bad("kafka.topic is missing: name the topic of the orders")
	}
	for _, b := range c.Kafka.Brokers {
		if !hostPort(b) {
			bad("kafka.brokers %q: want host:port", b)
		}
	}
	if c.Kafka.Partitions < 1 || c.Kafka.Partitions > 1024 {
		bad("kafka.partitions %d: from 1 to 1024", c.Kafka.Partitions)
	}
	switch {
	case !hostPort(c.HTTP.Addr):
		bad("http.addr %q: want host:port", c.HTTP.Addr)
	case !loopback(c.HTTP.Addr) && !c.HTTP.Open:
		bad("http.addr %s can be reached from other machines: set http.open: true to let everybody read, or listen on 127.0.0.1", c.HTTP.Addr)
	}
	if c.ClickHouse.DSN != "" {
		if err := (sql.Config{DSN: c.ClickHouse.DSN}).Validate(); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

func hostPort(s string) bool {
	_, port, err := net.SplitHostPort(s)
	n, perr := strconv.Atoi(port)
	return err == nil && perr == nil && n >= 0 && n < 65536
}

// Rules gives the sealed rules of the festival, or every problem that they have.
func (c *Config) Rules(stride int64) (*aggregate.Rules, error) {
	spec := aggregate.RulesSpec{Festival: c.Festival.ID, Rates: maps.Clone(c.Festival.Rates),
		Marketplaces: c.Festival.Marketplaces, Categories: c.Festival.Categories, Stride: stride}
	for _, w := range c.Festival.Windows {
		spec.Windows = append(spec.Windows, aggregate.Window{ID: w.ID, StartMs: w.Start.UnixMilli(), EndMs: w.End.UnixMilli()})
	}
	return aggregate.NewRules(spec)
}

// Zone is the festival's time zone; Validate has checked it.
func (c *Config) Zone() *time.Location {
	zone, err := time.LoadLocation(c.Festival.Timezone)
	if err != nil {
		panic("BUG: zone of a configuration that was not validated: " + err.Error())
	}
	return zone
}
