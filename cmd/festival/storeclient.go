package main

import (
	"context"
	"errors"

	"festival/sql"
)

// storeConfig is that of the configured ClickHouse.
func (c *Config) storeConfig() (sql.Config, error) {
	encryption, err := c.ClickHouse.TLS.config("clickhouse.tls", c.path)
	password, err2 := c.secretOf("clickhouse.password", c.ClickHouse.Password, c.ClickHouse.PasswordFile)
	return sql.Config{DSN: c.ClickHouse.DSN, Password: password, TLS: encryption, MaxConns: c.ClickHouse.MaxConnections},
		asUsage(errors.Join(err, err2))
}

// openStore connects and brings the schema up to date.
func openStore(ctx context.Context, cfg sql.Config) (*sql.Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, usageError{err}
	}
	store, err := sql.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if _, err := store.Migrate(ctx); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}
