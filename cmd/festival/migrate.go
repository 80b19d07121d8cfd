package main

import (
	"errors"
	"fmt"

	"festival/sql"
)

// migrateCmd is `festival migrate`.
type migrateCmd struct {
	placeFlags
}

// Help is shown under the flags.
func (migrateCmd) Help() string {
	return `Examples:
  festival migrate --data .demo
  festival migrate --config festival.yaml
  FESTIVAL_CLICKHOUSE_PASSWORD=... festival migrate --config festival.yaml

Every command that opens a store does this by itself; migrate lets an operator do it beforehand. A password stands in
clickhouse.password_file or in the variable, never in a flag: other users of the machine see flags.`
}

// Run applies what is missing and says what it applied.
func (cmd *migrateCmd) Run(a *app) error {
	c, err := cmd.read(a)
	if err != nil {
		return err
	}
	cfg, stop, err := cmd.address(a.ctx, c)
	if err != nil {
		return err
	}
	defer stop()
	store, err := sql.Open(a.ctx, cfg)
	if err != nil {
		return err
	}
	applied, err := store.Migrate(a.ctx)
	for _, name := range applied {
		fmt.Fprintln(a.out, "applied", name)
	}
	if err == nil {
		fmt.Fprintf(a.out, "The schema is up to date (%d applied now).\n", len(applied))
	}
	return errors.Join(err, store.Close())
}
