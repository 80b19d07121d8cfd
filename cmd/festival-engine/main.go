package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"

	"festival/sql/engine"
)

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil)).With("program", "festival-engine")
	opt, err := parseFlags(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "festival-engine:", err)
		os.Exit(2)
	}
	if err := serve(opt, log); err != nil {
		fmt.Fprintln(os.Stderr, "festival-engine:", err)
		os.Exit(1)
	}
}

// options are the program's flags and environment.
type options struct {
	data, addr, lib, token string
	maxMemory, keepFree    int64
	mergeThreads           int
	alone                  bool
}

func parseFlags(args []string, help io.Writer) (options, error) {
	o := options{token: os.Getenv(engine.TokenEnv)}
	f := flag.NewFlagSet("festival-engine", flag.ContinueOnError)
	f.SetOutput(help)
	f.StringVar(&o.data, "data", "", "directory of the store; created with mode 0700")
	f.StringVar(&o.addr, "addr", engine.DefaultAddr, "loopback address to listen on; port 0 takes a free one")
	f.StringVar(&o.lib, "lib", "", "path of libchdb.so; default: $"+engine.LibEnv+", beside this program, ../deploy/engine/node_modules")
	f.Int64Var(&o.maxMemory, "max-memory", engine.DefaultMaxMemory, "bytes of memory that the engine may use; 0: 90 % of the machine's")
	f.Int64Var(&o.keepFree, "keep-free", 0, "free bytes of the disk below which flushes are refused; 0: 2 GiB, or 5 % of a small disk; below 0: none")
	f.IntVar(&o.mergeThreads, "merge-threads", engine.DefaultMergeThreads, "threads that merge parts in the background")
	f.BoolVar(&o.alone, "alone", false, "do not end with standard input")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	return o, o.validate(f.Args())
}

// validate reports every problem at once.
func (o options) validate(rest []string) error {
	var errs []error
	if len(rest) > 0 {
		errs = append(errs, fmt.Errorf("unknown argument %q", rest[0]))
	}
	if o.data == "" {
		errs = append(errs, errors.New("--data is missing: name the directory of the store"))
	}
	if err := engine.CheckLoopback(o.addr); err != nil {
		errs = append(errs, err)
	}
	if o.maxMemory < 0 || o.maxMemory > 0 && o.maxMemory < engine.MinMemory {
		errs = append(errs, fmt.Errorf("--max-memory %d is too small: give at least %d bytes, or 0", o.maxMemory, engine.MinMemory))
	}
	if o.mergeThreads < 1 {
		errs = append(errs, fmt.Errorf("--merge-threads %d is too small: give at least 1", o.mergeThreads))
	}
	return errors.Join(errs...)
}
