package main

import (
	"fmt"

	"festival/aggregate"
)

// serveCmd is `festival serve`: API and pages over a store that other processes fill.
type serveCmd struct {
	configFlags
	Addr   string `help:"Where pages and API listen, over http.addr." placeholder:"HOST:PORT"`
	Open   bool   `help:"Listen beyond loopback without roles, over http.open."`
	Follow bool   `help:"Show the official frames that other serves store, and make none. Without kafka.frames_topic: for all serves of a ledger but one."`
}

// Help is shown under the flags.
func (serveCmd) Help() string {
	return `Examples:
  festival serve --config festival.yaml
  festival serve --config festival.yaml --addr 0.0.0.0:8080 --open
  festival serve --config festival.yaml --addr 127.0.0.1:8081 --follow

With kafka.frames_topic any number of serves make the official frames together: one at a time publishes, all show the same
bytes, and another takes over within 10 s when it dies. Without it exactly one serve of a ledger makes them; the others
follow.`
}

func (cmd *serveCmd) check(a *app) error {
	c, err := cmd.config(a)
	if err == nil {
		c.printWall(a.out)
	}
	return err
}

func (cmd *serveCmd) config(a *app) (*Config, error) {
	c, err := cmd.merge(a)
	c.over("http.addr", &c.HTTP.Addr, cmd.Addr)
	if cmd.Open {
		c.HTTP.Open = true
		c.read.over("http.open")
	}
	return c, both(err, c.Validate(true), c.needStore())
}

// Run serves until it is asked to stop.
func (cmd *serveCmd) Run(a *app) error {
	n, closeAll, err := begin(a, cmd.config, "http.addr", func(c *Config) string { return c.HTTP.Addr })
	if err != nil {
		return err
	}
	defer closeAll()
	if err := n.openStored(); err != nil {
		return err
	}
	if n.follow = cmd.Follow; !n.follow {
		if err := n.openFrames(); err != nil {
			return err
		}
	}
	if n.frames != nil {
		defer n.frames.Close()
	}
	if n.server, err = n.newServer(n.config.HTTP.Addr); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "The wall is at http://%s/, from ledger %x.\n", n.config.HTTP.Addr, n.ledger.ID[:4])
	return n.server.Run(a.ctx)
}

// openStored finds the ledger in the store alone: a serve needs no Kafka. Its rules must be those of the
// configuration; cluster and topic are taken from the ledger.
func (n *nightParts) openStored() (err error) {
	n.registry = newRegistry()
	if n.rules, err = n.config.Rules(aggregate.DefaultStride); err != nil {
		return usageError{err}
	}
	open, err := newestLedger(n.app.ctx, n.store, n.config.Festival.ID)
	if err != nil {
		return err
	}
	if open == nil {
		return fmt.Errorf("the store has no ledger of festival %s yet: start `festival ingest` first", n.config.Festival.ID)
	}
	n.ledger, err = n.config.ledgerOf(open, n.rules)
	return err
}

// sealedPlace is what a ledger's document says of the log.
type sealedPlace struct {
	Cluster    string `json:"cluster"`
	Topic      string `json:"topic"`
	Partitions int    `json:"partitions"`
	Serial     int    `json:"serial"`
}
