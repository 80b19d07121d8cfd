package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Config is festival.yaml (CONTRACT.md §3). Zero values are "not given"; withDefaults fills them. Every setting but
// windows, rates, lists of numbers and names can also come from the environment (applyEnv).
type Config struct {
	Festival   Festival   `yaml:"festival"`
	Kafka      Kafka      `yaml:"kafka"`
	ClickHouse ClickHouse `yaml:"clickhouse"`
	HTTP       HTTP       `yaml:"http"`
	Ingest     Ingest     `yaml:"ingest"`
	Query      Query      `yaml:"query"`
	Store      Store      `yaml:"store"`
	Wall       Wall       `yaml:"wall"`

	dir  string // of the file, for paths in it
	demo bool   // of a data directory
	read readings
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
	Milestones   []int64           `yaml:"milestones_cny"` // whole yuan
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

// Kafka says where the orders are and how the brokers are spoken to.
type Kafka struct {
	Brokers        []string      `yaml:"brokers"`
	Topic          string        `yaml:"topic"`
	Partitions     int           `yaml:"partitions"`      // default 4; used when the topic has to be created
	Replication    int           `yaml:"replication"`     // of a topic that has to be created; default: the broker's
	FramesTopic    string        `yaml:"frames_topic"`    // of several serves; not used by demo
	Group          string        `yaml:"group"`           // consumer group, default "festival"
	SessionTimeout time.Duration `yaml:"session_timeout"` // a silent ingest loses its partitions; default 6s, the least that brokers allow
	TLS            *TLS          `yaml:"tls"`             // nil: plain text; {} trusts the system's authorities
	SASL           *SASL         `yaml:"sasl"`            // nil: none
}

// ClickHouse says where the store is; an empty DSN is the embedded engine.
type ClickHouse struct {
	DSN            string `yaml:"dsn"`
	PasswordFile   string `yaml:"password_file"` // instead of a password in the DSN
	Password       secret `yaml:"-" env:"PASSWORD"`
	TLS            *TLS   `yaml:"tls"`             // for a DSN that is secure: https://, or secure=true
	MaxConnections int    `yaml:"max_connections"` // default 16
}

// HTTP says where pages and API listen. Open must be true beyond loopback (CONTRACT.md §4).
type HTTP struct {
	Addr string `yaml:"addr"` // default 127.0.0.1:8080
	Open bool   `yaml:"open"`
	// OperatorTokenFile has one line: who sends it as a bearer token is an operator, wherever they are.
	OperatorTokenFile string `yaml:"operator_token_file"`
	OperatorToken     secret `yaml:"-" env:"OPERATOR_TOKEN"`
}

// Ingest are the bounds of one ingest process; 0 is the default of package ingest.
type Ingest struct {
	Flush        time.Duration `yaml:"flush"`         // how often what was counted is stored; default 200ms
	BufferedRows int           `yaml:"buffered_rows"` // records that wait for the store; default 200000
	Events       int64         `yaml:"events"`        // events in the duplicate sets; default 400000000
}

// Query are the bounds of one serve process; 0 is the default of package query.
type Query struct {
	MaxStreams      int `yaml:"max_streams"`        // open streams, default 10000
	MaxStreamsPerIP int `yaml:"max_streams_per_ip"` // of one address, default 64
	MaxConnections  int `yaml:"max_connections"`    // that are not streams, default 4096
	MaxQueries      int `yaml:"max_queries"`        // store queries at once, default 8
}

// Store is how the embedded engine is run, by demo and `festival store`.
type Store struct {
	KeepFree     *size `yaml:"keep_free"`     // free bytes of the disk below which flushes are refused; default: engine.DefaultKeepFree
	MaxMemory    size  `yaml:"max_memory"`    // default 1GiB
	MergeThreads int   `yaml:"merge_threads"` // default 2
}

// Wall says what is on which screen (query.Wall). Nothing of it is sealed with the ledger.
type Wall struct {
	Map            string        `yaml:"map"`          // dots (default), file, none
	MapFile        string        `yaml:"map_file"`     // TopoJSON of `map: file`; relative to the file
	MapApproval    string        `yaml:"map_approval"` // its approval number, printed on the wall
	Currency       string        `yaml:"currency"`     // CNY (default) or USD at the sealed rate
	BroadcastDelay time.Duration `yaml:"broadcast_delay"`
	FreezeAt       []time.Time   `yaml:"freeze_at"`  // the number is held from these moments on
	NamesFile      string        `yaml:"names_file"` // names of countries, and which are shown as one; relative to the file
	Screens        []Screen      `yaml:"screens"`    // for /?screen=NAME
}

// Screen is a screen's settings; empty is the default.
type Screen struct {
	Name      string `yaml:"name"`
	Wall      string `yaml:"wall"`  // screens of one wall are steered together; default main
	Panel     string `yaml:"panel"` // all, left, centre, right
	Window    string `yaml:"window"`
	Scene     string `yaml:"scene"`     // all, number, world
	Celebrate string `yaml:"celebrate"` // on, off
	Motion    string `yaml:"motion"`    // full, calm, off
	Language  string `yaml:"language"`  // zh, en
	Share     string `yaml:"share"`     // gmv, orders
	Ranking   string `yaml:"ranking"`   // countries, provinces
	Currency  string `yaml:"currency"`  // CNY, USD; default wall.currency
}

// ReadConfig reads festival.yaml, the environment over it, and fills defaults. An empty path gives the environment and
// the defaults alone. The configuration is what could be read, never nil; the error joins every problem. Validate then
// looks at the rest, so that both together are all that is wrong.
func ReadConfig(path string, environ []string) (*Config, error) {
	c := newConfig()
	err := errors.Join(c.readFile(path), c.applyEnv(environ))
	c.withDefaults()
	return c, asUsage(err)
}

func (c *Config) readFile(path string) error {
	if path == "" {
		return nil
	}
	c.dir = filepath.Dir(path)
	data, err := os.ReadFile(path)
	if err != nil {
		c.read.nothing()
		return fmt.Errorf("configuration: %w", err)
	}
	return c.decode(path, data)
}

// newConfig has the defaults of settings whose zero value means something; withDefaults fills the others.
func newConfig() *Config {
	return &Config{dir: ".", Festival: Festival{Lateness: 2 * time.Second}}
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

// place is how commands in sentences name where this festival is; the operator puts his own FILE or DIR in.
func (c *Config) place() string {
	if c.demo {
		return "--data DIR"
	}
	return "--config FILE"
}

// path makes a path of a setting one of this process: relative ones are relative to the file.
func (c *Config) path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.dir, p)
}

// Zone is the festival's time zone; Validate has checked it.
func (c *Config) Zone() *time.Location {
	zone, err := time.LoadLocation(c.Festival.Timezone)
	if err != nil {
		panic("BUG: zone of a configuration that was not validated: " + err.Error())
	}
	return zone
}
