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
  FESTIVAL_CLICKHOUSE_DSN=clickhouse://user:secret@ch:9000/festival festival ingest --config festival.yaml

Start as many as there are partitions; each counts its share and stores it.`
}

// Run counts until it is asked to stop.
func (cmd *ingestCmd) Run(a *app) error {
	c, err := cmd.read(a, true)
	if err != nil {
		return err
	}
	if cmd.Check {
		return a.checked("The configuration")
	}
	n, closeAll, err := connect(a, c)
	if err != nil {
		return err
	}
	defer closeAll()
	if err := n.open(); err != nil {
		return err
	}
	n.ingest, err = ingest.New(ingest.Config{Kafka: n.kafka, Store: n.store, Rules: n.rules, Ledger: n.ledger,
		Log: n.log, Registry: n.registry})
	if err != nil {
		return asUsage(err)
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
