package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"festival/sql/engine"
)

// storeCmd is `festival store`: the embedded engine alone, its backup and its restore.
type storeCmd struct {
	Run     storeRunCmd     `cmd:"" default:"withargs" help:"The embedded engine alone, with ClickHouse's HTTP interface (festival store)."`
	Backup  storeBackupCmd  `cmd:"" help:"Copy a store while it runs."`
	Restore storeRestoreCmd `cmd:"" help:"Make a store of a backup."`
}

// Help is shown under the commands.
func (storeCmd) Help() string {
	return `Examples:
  festival store --data /var/lib/festival/store
  festival store backup --data /var/lib/festival/store --to /backup/2026-11-11
  festival store restore --from /backup/2026-11-11 --data /var/lib/festival/again`
}

// storeRunCmd serves a directory, for several ingests on one machine, or for a look by SQL.
type storeRunCmd struct {
	Config  string `help:"festival.yaml, for its section store." type:"path" placeholder:"FILE"`
	Check   bool   `help:"Read everything, start nothing, and exit."`
	Data    string `help:"Directory of the store; its token is in DIR/token." required:"" type:"path" placeholder:"DIR"`
	Addr    string `help:"Loopback address of ClickHouse's HTTP interface." default:"127.0.0.1:8123"`
	Metrics string `help:"Where /metrics listens (free disk, restarts); empty for nowhere." placeholder:"HOST:PORT"`
}

// Help is shown under the flags.
func (storeRunCmd) Help() string {
	return `Examples:
  festival store --data /var/lib/festival/store
  curl -H "X-ClickHouse-Key: $(cat DIR/token)" 'http://127.0.0.1:8123/?query=SELECT+1'

A demo keeps its store in DATA/store.`
}

func (cmd *storeRunCmd) checking() bool { return cmd.Check }

func (cmd *storeRunCmd) check(a *app) error {
	_, err := cmd.config(a)
	return err
}

// config gives how the engine is run; the error is every problem at once.
func (cmd *storeRunCmd) config(a *app) (engine.Config, error) {
	c, err := ReadConfig(cmd.Config, a.environ)
	v := &validator{Config: c}
	v.store()
	bad := func(format string, args ...any) { v.problems = append(v.problems, fmt.Errorf(format, args...)) }
	if !hostPort(cmd.Addr) || !loopback(cmd.Addr) {
		bad("--addr %q: want a loopback address, such as 127.0.0.1:8123", cmd.Addr)
	}
	if cmd.Metrics != "" && !hostPort(cmd.Metrics) {
		bad("--metrics %q: want host:port", cmd.Metrics)
	}
	if exists(filepath.Join(cmd.Data, "festival.yaml")) || exists(brokerDir(cmd.Data)) { // a demo with --config keeps no file there
		bad("--data %s is the directory of a demo, its store is %s: give that, while no demo runs on it", cmd.Data, storeDir(cmd.Data))
	}
	if info, err := os.Stat(cmd.Data); err == nil && !info.IsDir() {
		bad("--data %s is no directory: name one, it is made where it is missing", cmd.Data)
	}
	e := c.engine(cmd.Data)
	e.Addr, e.Stderr, e.Log = cmd.Addr, a.err, a.logger()
	return e, both(append(v.problems, err)...)
}

// engine is how the embedded engine is run on a directory.
func (c *Config) engine(dir string) engine.Config {
	return engine.Config{Dir: dir, MaxMemory: int64(c.Store.MaxMemory), MergeThreads: c.Store.MergeThreads, KeepFree: c.keepFree()}
}

// keepFree is engine.Config's: there 0 is the default, here it is no guard.
func (c *Config) keepFree() int64 {
	switch k := c.Store.KeepFree; {
	case k == nil:
		return 0
	case *k == 0:
		return -1
	default:
		return int64(*k)
	}
}

// Run serves until it is asked to stop; an engine that dies is started again.
func (cmd *storeRunCmd) Run(a *app) error {
	e, err := cmd.config(a)
	if err != nil {
		return err
	}
	if at, _, served := engine.Attach(cmd.Data); served {
		return fmt.Errorf("%w: an engine of %s answers at %s; stop it or use that one", engine.ErrServed, cmd.Data, at)
	}
	if err := errors.Join(engineInstalled(), freePort("--addr", cmd.Addr), freePort("--metrics", cmd.Metrics)); err != nil {
		return err
	}
	s, err := engine.Supervise(a.ctx, e)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "The store of %s answers at http://%s, token in %s/token.\n", cmd.Data, s.Addr(), cmd.Data)
	all, ctx := errgroup.WithContext(a.ctx)
	if cmd.Metrics != "" {
		registry := newRegistry()
		showDisk(registry, e)
		all.Go(func() error {
			return serveHTTP(ctx, cmd.Metrics, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
		})
	}
	all.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.Background(), engineGrace)
		defer cancel()
		return s.Stop(stop)
	})
	return all.Wait()
}
