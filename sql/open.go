package sql

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// The oldest ClickHouse whose SQL the schema is written for: parameterized views, FINAL that merges only overlapping
// ranges (24.1), the settings of 24.8 LTS.
const (
	oldestMajor = 24
	oldestMinor = 8
)

// Store is a connection pool to one database. Its methods may be called by any number of goroutines at once; each
// reports its own error, wrapped; ask IsUnavailable whether to repeat.
type Store struct {
	conn     driver.Conn
	database string
	http     bool // Native bytes can be posted and read as they are
	block    spareBlock
	cells    cellPool
	rolled   rollUpCache
	parts    rolledParts
}

// Open connects, checks the server's version and creates the database where it is missing. It does not migrate: see
// Migrate.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	opt, err := cfg.options()
	if err != nil {
		return nil, err
	}
	if err := prepare(ctx, *opt); err != nil {
		return nil, cannotOpen(opt, err)
	}
	conn, err := clickhouse.Open(opt)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", opt.Addr[0], err)
	}
	return &Store{conn: conn, database: opt.Auth.Database, http: opt.Protocol == clickhouse.HTTP}, nil
}

// prepare checks the server, creates the database and adds to the settings what this server's version knows. It speaks
// from the database "default", because a connection to one that is not there is refused.
func prepare(ctx context.Context, opt clickhouse.Options) error {
	name, settings := opt.Auth.Database, opt.Settings
	opt.Auth.Database, opt.MaxOpenConns, opt.MaxIdleConns = "default", 1, 1
	conn, err := clickhouse.Open(&opt)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := checkVersion(ctx, conn); err != nil {
		return err
	}
	if err := addSettings(ctx, conn, settings); err != nil {
		return err
	}
	return conn.Exec(ctx, statement("database"), clickhouse.Named("database", name))
}

// newerSettings are not in every version from the oldest on; an unknown one would be refused.
//
// use_skip_indexes_on_data_read (25.9) opens a part's index once more for every reader: a tail over 60 parts without
// news took 77 ms of the engine's CPU, 16 with the indexes read before.
//
// use_skip_indexes_if_final, without its exact mode (25.6): the cells that are not rolled up are read through FINAL and the
// index segments. Exact mode would read what the index leaves out again where parts overlap; it is not needed, because of the
// rows of one cell the index leaves out all or none; the same holds for every other statement on segments.
//
// materialize_statistics_on_insert: see statisticsOnMerge.
//
// compile_*: an engine that starts compiles the expressions of its first statements, 0.5 to 1.4 s of its CPU beside the first catching up
// (system.events, CompileExpressionsMicroseconds); no statement here computes enough for that to come back.
var newerSettings = clickhouse.Settings{"use_skip_indexes_on_data_read": 0, "use_skip_indexes_if_final": 1, "use_skip_indexes_if_final_exact_mode": 0,
	"materialize_statistics_on_insert": 0, "compile_expressions": 0, "compile_aggregate_expressions": 0, "compile_sort_description": 0}

func addSettings(ctx context.Context, conn driver.Conn, settings clickhouse.Settings) error {
	var known []string
	names := slices.Sorted(maps.Keys(newerSettings))
	if err := conn.QueryRow(ctx, statement("settings"), clickhouse.Named("names", names)).Scan(&known); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	for _, name := range known {
		settings[name] = newerSettings[name]
	}
	return nil
}

func checkVersion(ctx context.Context, conn driver.Conn) error {
	if err := conn.Ping(ctx); err != nil {
		return err
	}
	server, err := conn.ServerVersion()
	if err != nil {
		return err
	}
	v := server.Version
	if v.Major < oldestMajor || v.Major == oldestMajor && v.Minor < oldestMinor {
		return fmt.Errorf("ClickHouse %d.%d is too old: festival needs %d.%d or newer; upgrade the server, or name another one", v.Major, v.Minor, oldestMajor, oldestMinor)
	}
	return nil
}

// Database is the name of the database that holds the tables.
func (s *Store) Database() string { return s.database }

// Ping asks whether the store answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.conn.Ping(ctx); err != nil {
		return fmt.Errorf("ping store: %w", err)
	}
	return nil
}

// Close closes all connections; calls under way fail.
func (s *Store) Close() error { return s.conn.Close() }
