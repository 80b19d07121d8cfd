package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"festival/sql/engine"
)

// needStore is a problem of processes that share a store: it has to have an address.
func (c *Config) needStore() error {
	if c.ClickHouse.DSN != "" || !c.read.knows("clickhouse.dsn") {
		return nil
	}
	return errors.New("clickhouse.dsn is empty: the embedded engine serves one process at a time here; start `festival store` and give its DSN, or a ClickHouse server's")
}

// begin is how ingest and serve do: it reads the configuration, looks whether the address of flag is free, and opens
// Kafka and store. Nothing has been asked of Kafka yet.
func begin(a *app, read func(*app) (*Config, error), flag string, addr func(*Config) string) (*nightParts, func(), error) {
	c, err := read(a)
	if err != nil {
		return nil, nil, err
	}
	if err := freePort(flag, addr(c)); err != nil {
		return nil, nil, err
	}
	n := &nightParts{app: a, config: c, log: a.logger()}
	place, err := c.storeConfig()
	if err != nil {
		return nil, nil, err
	}
	if n.store, err = openStore(a.ctx, place); err != nil {
		return nil, nil, err
	}
	if n.kafka, err = c.kafkaClient(); err != nil {
		return nil, nil, errors.Join(err, n.store.Close())
	}
	return n, func() { n.kafka.Close(); _ = n.store.Close() }, nil
}

// openData gives the DSN of a data directory's store, as openEngine.
func openData(ctx context.Context, dir string) (dsn string, done func(), err error) {
	return openEngine(ctx, storeDir(dir))
}

// openEngine gives the DSN of a store's directory: that of the engine that runs on it, else of one of our own, which
// done stops. One that is there and does not answer yet, because it was killed or is loaded, is waited for.
func openEngine(ctx context.Context, dir string) (dsn string, done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, childWait)
	defer cancel()
	for {
		if addr, token, ok := engine.Attach(dir); ok {
			return engine.DSN(addr, token, ""), func() {}, nil
		}
		if err := engineInstalled(); err != nil {
			return "", nil, err
		}
		p, err := engine.Start(ctx, engine.Config{Dir: dir})
		if err == nil {
			return p.DSN(""), func() { stopEngine(p) }, nil
		}
		if !errors.Is(err, engine.ErrServed) || !sleep(ctx, childBackoff) {
			return "", nil, fmt.Errorf("store of %s: %w", dir, err)
		}
	}
}

func stopEngine(p *engine.Process) {
	ctx, cancel := context.WithTimeout(context.Background(), engineGrace)
	defer cancel()
	_ = p.Stop(ctx)
}

// engineInstalled says beforehand what the embedded store lacks: once started, the engine would say it in its own words
// first.
func engineInstalled() error {
	_, err := engine.FindBinary("")
	_, err2 := engine.FindLibrary("")
	return errors.Join(err, err2)
}

// serveHTTP serves until ctx ends.
func serveHTTP(ctx context.Context, addr string, handler http.Handler) error {
	server := &http.Server{Addr: addr, Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("metrics at %s: %w", addr, err)
	}
	return nil
}
