package main

import (
	"context"
	"errors"

	"festival/sql"
)

// placeFlags say which store a tool speaks to: a configuration's ClickHouse, or the embedded store of a data
// directory, whether a demo runs on it or not.
type placeFlags struct {
	Config string `help:"festival.yaml; with --data its own is the default." type:"path" placeholder:"FILE"`
	Data   string `help:"Data directory of a demo." type:"path" placeholder:"DIR"`
	DSN    string `help:"ClickHouse, over clickhouse.dsn." name:"dsn"`
	Check  bool   `help:"Read everything, connect to nothing, and exit."`
}

// read gives the configuration of the place.
func (f *placeFlags) read(a *app) (*Config, error) {
	path := f.Config
	if path == "" && f.Data != "" {
		path = configOf(f.Data)
	}
	if path == "" {
		return nil, usageError{errors.New("which festival? give --data DIR of a demo, or --config festival.yaml")}
	}
	c, err := ReadConfig(path, a.environ)
	if err != nil {
		return nil, err
	}
	if f.DSN != "" {
		c.ClickHouse.DSN = f.DSN
	}
	if f.Data != "" {
		c.ofDemo()
	}
	if f.Data == "" && c.ClickHouse.DSN == "" {
		return nil, usageError{errors.New("clickhouse.dsn is empty: give --data DIR for an embedded store, or a DSN")}
	}
	return c, c.Validate(false)
}

// open connects to the store of the place; done closes it, and the engine with it where we had to start one.
func (f *placeFlags) open(ctx context.Context, c *Config) (store *sql.Store, done func(), err error) {
	dsn, stop := c.ClickHouse.DSN, func() {}
	if f.Data != "" && f.DSN == "" {
		if dsn, stop, err = openData(ctx, f.Data); err != nil {
			return nil, nil, err
		}
	}
	if store, err = openStore(ctx, dsn); err != nil {
		stop()
		return nil, nil, err
	}
	return store, func() { _ = store.Close(); stop() }, nil
}
