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
	Data string `help:"Directory of the store; its token is in DIR/token." required:"" type:"path" placeholder:"DIR"`
	Addr string `help:"Loopback address of ClickHouse's HTTP interface." default:"127.0.0.1:8123"`
}

// Help is shown under the flags.
func (storeCmd) Help() string {
	return `Examples:
  festival store --data /var/lib/festival/store
  curl -H "X-ClickHouse-Key: $(cat DIR/token)" 'http://127.0.0.1:8123/?query=SELECT+1'

A demo keeps its store in DATA/store.`
}

// Run serves until it is asked to stop; an engine that dies is started again.
func (cmd *storeCmd) Run(a *app) error {
	if !hostPort(cmd.Addr) || !loopback(cmd.Addr) {
		return usageError{fmt.Errorf("--addr %q: want a loopback address, such as 127.0.0.1:8123", cmd.Addr)}
	}
	if err := engineInstalled(); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(cmd.Data, "festival.yaml")); err == nil {
		return usageError{fmt.Errorf("--data %s is the directory of a demo, its store is %s: give that, while no demo runs on it", cmd.Data, storeDir(cmd.Data))}
	}
	s, err := engine.Supervise(a.ctx, engine.Config{Dir: cmd.Data, Addr: cmd.Addr, Stderr: a.err, Log: a.logger()})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "The store of %s answers at http://%s, token in %s/token.\n", cmd.Data, s.Addr(), cmd.Data)
	<-a.ctx.Done()
	ctx, cancel := context.WithTimeout(context.Background(), childGrace)
	defer cancel()
	return s.Stop(ctx)
}
