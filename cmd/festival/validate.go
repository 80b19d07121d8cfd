package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"time"

	"festival/aggregate"
	"festival/ingest"
	"festival/query"
	"festival/sql/engine"
)

// validator collects what is wrong with a configuration; what could not be read has been said already.
type validator struct {
	*Config
	problems []error
}

// bad reports a setting.
func (v *validator) bad(path, format string, args ...any) { v.add(path, fmt.Errorf(format, args...)) }

func (v *validator) add(path string, err error) {
	if v.read.knows(path) {
		v.say(err)
	}
}

func (v *validator) say(err error) {
	if err != nil {
		v.problems = append(v.problems, err)
	}
}

// Validate reports every problem at once, beside those of ReadConfig. needKafka is false for demo, which has a broker
// of its own.
func (c *Config) Validate(needKafka bool) error {
	v := &validator{Config: c}
	v.festival()
	v.kafka(needKafka)
	v.clickhouse()
	v.http()
	v.limits()
	v.store()
	v.wall()
	return asUsage(errors.Join(v.problems...))
}

func (v *validator) festival() {
	f := &v.Festival
	if f.ID == "" {
		v.bad("festival.id", "festival.id is missing: give the festival a short name, such as 1111-2026")
	}
	if f.Name.ZH == "" || f.Name.EN == "" {
		v.bad("festival.name", "festival.name needs both zh and en")
	}
	if _, err := time.LoadLocation(f.Timezone); f.Timezone == "" || err != nil {
		v.bad("festival.timezone", "festival.timezone %q: give an IANA zone, such as Asia/Shanghai", f.Timezone)
	}
	if f.Lateness < 0 || f.Lateness > time.Hour {
		v.bad("festival.lateness", "festival.lateness %s: from 0s to 1h", f.Lateness)
	}
	v.milestones()
	_, err := v.readableRules()
	v.add("", err)
	_, err = v.readReference()
	v.add("festival.reference", err)
}

func (v *validator) milestones() {
	all := v.Festival.Milestones
	if !slices.IsSorted(all) || len(all) > 0 && all[0] <= 0 || len(all) > 100 {
		v.bad("festival.milestones_cny", "festival.milestones_cny %v: at most 100 whole yuan above 0, smallest first", all)
	}
	for _, m := range all {
		if m > aggregate.MaxSum/100 {
			v.bad("festival.milestones_cny", "festival.milestones_cny %d: past the largest sum that is shown, %d", m, aggregate.MaxSum/100)
		}
	}
}

// readableRules are the rules with something harmless in the place of what could not be read or is reported as missing.
func (v *validator) readableRules() (*aggregate.Rules, error) {
	spec := v.rulesSpec(aggregate.DefaultStride)
	if spec.Festival == "" {
		spec.Festival = "missing"
	}
	spec.Windows = v.readableWindows(spec.Windows)
	if !v.read.knows("festival.rates") {
		spec.Rates = map[string]string{"CNY": "1"}
	}
	return aggregate.NewRules(spec)
}

// readableWindows are those that could be read: their order and ends are looked at whatever stands between them. Something
// harmless where there is none.
func (v *validator) readableWindows(all []aggregate.Window) (some []aggregate.Window) {
	if v.read.knows("festival.windows") {
		return all
	}
	for i, w := range all {
		if v.read.knowsElement("festival.windows", i) {
			some = append(some, w)
		}
	}
	if some == nil {
		some = []aggregate.Window{{ID: "unread", EndMs: 1}}
	}
	return some
}

func (v *validator) kafka(needed bool) {
	k := &v.Kafka
	if needed && len(k.Brokers) == 0 {
		v.bad("kafka.brokers", "kafka.brokers is missing: give host:port of at least one broker")
	}
	if needed && k.Topic == "" {
		v.bad("kafka.topic", "kafka.topic is missing: name the topic of the orders")
	}
	for _, b := range k.Brokers {
		if !hostPort(b) {
			v.bad("kafka.brokers", "kafka.brokers %q: want host:port", b)
		}
	}
	if k.Partitions < 1 || k.Partitions > 1024 {
		v.bad("kafka.partitions", "kafka.partitions %d: from 1 to 1024", k.Partitions)
	}
	if k.Replication < 0 || k.Replication > 1024 {
		v.bad("kafka.replication", "kafka.replication %d: copies of each partition, or leave it out for the broker's default", k.Replication)
	}
	if k.FramesTopic != "" && k.FramesTopic == k.Topic {
		v.bad("kafka.frames_topic", "kafka.frames_topic %s is the topic of the orders: name another; it is created", k.FramesTopic)
	}
	if s := k.SessionTimeout; s != 0 && (s < 6*time.Second || s > 30*time.Minute) {
		v.bad("kafka.session_timeout", "kafka.session_timeout %s: from 6s (brokers refuse less) to 30m", s)
	}
	_, err := k.TLS.config("kafka.tls", v.path)
	v.add("kafka.tls", err)
	v.add("kafka.sasl", v.checkSASL())
}

func (v *validator) clickhouse() {
	if v.ClickHouse.MaxConnections < 0 || v.ClickHouse.MaxConnections > 1000 {
		v.bad("clickhouse.max_connections", "clickhouse.max_connections %d: from 1 to 1000", v.ClickHouse.MaxConnections)
	}
	_, err := v.ClickHouse.TLS.config("clickhouse.tls", v.path)
	v.add("clickhouse.tls", err)
	_, err = v.secretOf("clickhouse.password", v.ClickHouse.Password, v.ClickHouse.PasswordFile)
	v.add("clickhouse.password_file", err)
	if v.ClickHouse.DSN == "" {
		if v.ClickHouse.TLS != nil || v.ClickHouse.PasswordFile != "" {
			v.bad("clickhouse.dsn", "clickhouse.dsn is empty, so clickhouse.tls and clickhouse.password_file mean nothing: give the server's DSN, or leave them out")
		}
		return
	}
	if err == nil {
		cfg, _ := v.storeConfig()
		v.add("clickhouse.dsn", cfg.Validate())
	}
}

func (v *validator) http() {
	h := &v.HTTP
	switch {
	case !hostPort(h.Addr):
		v.bad("http.addr", "http.addr %q: want host:port", h.Addr)
	case !loopback(h.Addr) && !h.Open && v.read.knows("http.open"):
		v.bad("http.addr", "http.addr %s can be reached from other machines: set http.open: true to let everybody read, or listen on 127.0.0.1", h.Addr)
	}
	token, err := v.secretOf("http.operator_token", h.OperatorToken, h.OperatorTokenFile)
	if err == nil {
		err = query.CheckOperatorToken(token)
	}
	v.add("http.operator_token", err)
}

func (v *validator) limits() {
	i := v.Ingest
	v.add("ingest", ingest.Limits{Flush: i.Flush, BufferedRows: i.BufferedRows, Events: i.Events}.Validate())
	q := v.Query
	for name, n := range map[string]int{"max_streams": q.MaxStreams, "max_streams_per_ip": q.MaxStreamsPerIP, "max_connections": q.MaxConnections, "max_queries": q.MaxQueries} {
		if n < 0 || n > 1_000_000 {
			v.bad("query."+name, "query.%s %d: from 1 to 1000000, or leave it out for the default", name, n)
		}
	}
}

func (v *validator) store() {
	if m := v.Store.MaxMemory; m != 0 && m < engine.MinMemory {
		v.bad("store.max_memory", "store.max_memory %s: at least %s, what one insert and one merge need", m, size(engine.MinMemory))
	}
	if n := v.Store.MergeThreads; n < 0 || n > 256 {
		v.bad("store.merge_threads", "store.merge_threads %d: from 1 to 256", n)
	}
}

func hostPort(s string) bool {
	_, port, err := net.SplitHostPort(s)
	n, perr := strconv.Atoi(port)
	return err == nil && perr == nil && n >= 0 && n < 65536
}

// Rules gives the sealed rules of the festival, or every problem that they have.
func (c *Config) Rules(stride int64) (*aggregate.Rules, error) {
	return aggregate.NewRules(c.rulesSpec(stride))
}

func (c *Config) rulesSpec(stride int64) aggregate.RulesSpec {
	spec := aggregate.RulesSpec{Festival: c.Festival.ID, Rates: maps.Clone(c.Festival.Rates),
		Marketplaces: c.Festival.Marketplaces, Categories: c.Festival.Categories, Stride: stride}
	for _, w := range c.Festival.Windows {
		spec.Windows = append(spec.Windows, aggregate.Window{ID: w.ID, StartMs: w.Start.UnixMilli(), EndMs: w.End.UnixMilli()})
	}
	return spec
}
