package main

import (
	"context"
	"errors"
	"fmt"

	"festival/aggregate"
	"festival/ingest"
	"festival/sql"
)

// placeFlags say which store a tool speaks to: a configuration's ClickHouse, or the embedded store of a data
// directory, whether a demo runs on it or not.
type placeFlags struct {
	Config string `help:"festival.yaml; with --data its own is the default." type:"path" placeholder:"FILE"`
	Data   string `help:"Data directory of a demo." type:"path" placeholder:"DIR"`
	DSN    string `help:"ClickHouse, over clickhouse.dsn; without a password, which flags show to everybody (FESTIVAL_CLICKHOUSE_PASSWORD)." name:"dsn" placeholder:"URL"`
	Check  bool   `help:"Read everything, connect to nothing, and exit."`
}

func (f *placeFlags) checking() bool { return f.Check }

func (f *placeFlags) check(a *app) error {
	_, err := f.read(a)
	return err
}

// read gives the configuration of the place, checked: the error is every problem of file, environment and flags.
func (f *placeFlags) read(a *app) (*Config, error) {
	path, place := f.file()
	c, err := ReadConfig(path, a.environ)
	if path == "" || place != nil {
		c.read.nothing()
	}
	if f.Data != "" {
		c.ofDemo()
	}
	flag := c.overDSN(f.DSN)
	if f.Data == "" && c.ClickHouse.DSN == "" && c.read.knows("clickhouse.dsn") {
		place = errors.New("clickhouse.dsn is empty: give --data DIR for an embedded store, or a DSN")
	}
	return c, both(place, err, flag, c.Validate(false))
}

// file is the configuration that the place has; the problem is where there is no such place.
func (f *placeFlags) file() (path string, problem error) {
	switch {
	case f.Data != "" && !exists(f.Data):
		return f.Config, fmt.Errorf("--data %s is not there: give the data directory of a demo that has run", f.Data)
	case f.Config != "":
		return f.Config, nil
	case f.Data == "":
		return "", errors.New("which festival? give --data DIR of a demo, or --config festival.yaml")
	}
	if path = configOf(f.Data); !exists(path) {
		return "", fmt.Errorf("--data %s has no festival: %s is not there; give the data directory of a demo that has run, or --config festival.yaml beside it", f.Data, path)
	}
	return path, nil
}

// place is an open store with the configuration of its festival.
type place struct {
	config *Config
	rules  *aggregate.Rules
	store  *sql.Store
	done   func() // closes the store, and the engine with it where we had to start one
}

// begin reads the configuration and opens the store of the place: how every tool begins.
func (f *placeFlags) begin(a *app) (*place, error) {
	c, err := f.read(a)
	if err != nil {
		return nil, err
	}
	p := &place{config: c}
	if p.rules, err = c.Rules(aggregate.DefaultStride); err != nil {
		return nil, asUsage(err)
	}
	p.store, p.done, err = f.open(a.ctx, c)
	return p, err
}

// within does something at the open place: how every tool that only needs the store runs.
func (f *placeFlags) within(a *app, do func(*place) error) error {
	p, err := f.begin(a)
	if err != nil {
		return err
	}
	defer p.done()
	return do(p)
}

// withLedger is within for the newest ledger of the festival, whose rules have to be the configuration's.
func (f *placeFlags) withLedger(a *app, do func(*place, ingest.Ledger) error) error {
	return f.within(a, func(p *place) error {
		ledger, err := storedLedger(a.ctx, p.store, p.config, p.rules)
		if err != nil {
			return err
		}
		return do(p, ledger)
	})
}

// address is where the store of the place answers; stop ends the engine that had to be started for it.
func (f *placeFlags) address(ctx context.Context, c *Config) (cfg sql.Config, stop func(), err error) {
	if f.Data == "" || f.DSN != "" {
		cfg, err = c.storeConfig()
		return cfg, func() {}, err
	}
	cfg.DSN, stop, err = openData(ctx, f.Data)
	return cfg, stop, err
}

// open connects to the store of the place; done closes it, and the engine with it where we had to start one.
func (f *placeFlags) open(ctx context.Context, c *Config) (store *sql.Store, done func(), err error) {
	cfg, stop, err := f.address(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	if store, err = openStore(ctx, cfg); err != nil {
		stop()
		return nil, nil, err
	}
	return store, func() { _ = store.Close(); stop() }, nil
}
