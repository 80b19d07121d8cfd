package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"festival/sql/engine"
)

// storeCmd is `festival store`: the embedded engine alone, for several ingests on one machine, or for a look by SQL.
type storeCmd struct {
	Config string `help:"festival.yaml, for its section store." type:"path" placeholder:"FILE"`
	Check  bool   `help:"Read everything, start nothing, and exit."`
	Data   string `help:"Directory of the store; its token is in DIR/token." required:"" type:"path" placeholder:"DIR"`
	Addr   string `help:"Loopback address of ClickHouse's HTTP interface." default:"127.0.0.1:8123"`
}

// Help is shown under the flags.
func (storeCmd) Help() string {
	return `Examples:
  festival store --data /var/lib/festival/store
  curl -H "X-ClickHouse-Key: $(cat DIR/token)" 'http://127.0.0.1:8123/?query=SELECT+1'

A demo keeps its store in DATA/store.`
}

func (cmd *storeCmd) checking() bool { return cmd.Check }

func (cmd *storeCmd) check(a *app) error {
	_, err := cmd.config(a)
	return err
}

// config gives how the engine is run; the error is every problem at once.
func (cmd *storeCmd) config(a *app) (engine.Config, error) {
	c, err := ReadConfig(cmd.Config, a.environ)
	v := &validator{Config: c}
	v.store()
	if !hostPort(cmd.Addr) || !loopback(cmd.Addr) {
		v.problems = append(v.problems, fmt.Errorf("--addr %q: want a loopback address, such as 127.0.0.1:8123", cmd.Addr))
	}
	if exists(filepath.Join(cmd.Data, "festival.yaml")) {
		v.problems = append(v.problems, fmt.Errorf("--data %s is the directory of a demo, its store is %s: give that, while no demo runs on it", cmd.Data, storeDir(cmd.Data)))
	}
	if info, err := os.Stat(cmd.Data); err == nil && !info.IsDir() {
		v.problems = append(v.problems, fmt.Errorf("--data %s is no directory: name one, it is made where it is missing", cmd.Data))
	}
	e := c.engine(cmd.Data)
	e.Addr, e.Stderr, e.Log = cmd.Addr, a.err, a.logger()
	return e, both(append(v.problems, err)...)
}

// engine is how the embedded engine is run on a directory.
func (c *Config) engine(dir string) engine.Config {
	return engine.Config{Dir: dir, MaxMemory: int64(c.Store.MaxMemory), MergeThreads: c.Store.MergeThreads}
}

// Run serves until it is asked to stop; an engine that dies is started again.
func (cmd *storeCmd) Run(a *app) error {
	e, err := cmd.config(a)
	if err != nil {
		return err
	}
	if err := engineInstalled(); err != nil {
		return err
	}
	s, err := engine.Supervise(a.ctx, e)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "The store of %s answers at http://%s, token in %s/token.\n", cmd.Data, s.Addr(), cmd.Data)
	<-a.ctx.Done()
	ctx, cancel := context.WithTimeout(context.Background(), childGrace)
	defer cancel()
	return s.Stop(ctx)
}
