package main

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"festival/ingest"
)

// ingestCmd is `festival ingest`: one of N processes that share the partitions through a consumer group.
type ingestCmd struct {
	configFlags
	Metrics string `help:"Where /metrics listens; empty for nowhere." default:"127.0.0.1:9101"`
}

// Help is shown under the flags.
func (ingestCmd) Help() string {
	return `Examples:
  festival ingest --config festival.yaml
  FESTIVAL_CLICKHOUSE_PASSWORD=... festival ingest --config festival.yaml

Start as many as there are partitions; each counts its share and stores it.`
}

func (cmd *ingestCmd) check(a *app) error {
	_, err := cmd.config(a)
	return err
}

func (cmd *ingestCmd) config(a *app) (*Config, error) {
	c, err := cmd.merge(a)
	var address error
	if cmd.Metrics != "" && !hostPort(cmd.Metrics) {
		address = fmt.Errorf("--metrics %q: want host:port", cmd.Metrics)
	}
	return c, both(address, err, c.Validate(true), c.needStore())
}

// Run counts until it is asked to stop.
func (cmd *ingestCmd) Run(a *app) error {
	n, closeAll, err := begin(a, cmd.config, "--metrics", func(*Config) string { return cmd.Metrics })
	if err != nil {
		return err
	}
	defer closeAll()
	if err := n.open(); err != nil {
		return err
	}
	if err := n.newIngest(ingest.Config{}); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Counting topic %s of cluster %s into ledger %x.\n", n.ledger.Identity.Topic, n.ledger.Identity.ClusterID, n.ledger.ID[:4])
	all, ctx := errgroup.WithContext(a.ctx)
	all.Go(func() error { return n.ingest.Run(ctx) })
	if cmd.Metrics != "" {
		all.Go(func() error {
			return serveHTTP(ctx, cmd.Metrics, promhttp.HandlerFor(n.registry, promhttp.HandlerOpts{}))
		})
	}
	return all.Wait()
}
