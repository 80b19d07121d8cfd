// Command festival is the one binary: it only wires the parts together, in the data's order.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	_ "time/tzdata" // the festival's zone must be known on machines without zone files
)

// Exit codes (CONTRACT.md §2).
const (
	exitDone       = 0
	exitFailed     = 1
	exitUsage      = 2
	exitDifference = 3
)

// version is set by the linker.
var version = unversioned

// unversioned is what a program says that was built without it.
const unversioned = "dev"

// usageError is bad usage or bad configuration: exit 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// asUsage makes an error of a package's configuration one of usage; nil stays nil.
func asUsage(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

// differenceError is what verify or a rehearsal with --chaos found: exit 3.
type differenceError struct {
	count int64
	what  string
}

func (e differenceError) Error() string { return fmt.Sprintf("%d differences: %s", e.count, e.what) }

// storeDiffers is what verify's differences mean.
const storeDiffers = "the store does not say what the log says"

// cli is the command line; each command's Run does the work.
type cli struct {
	Demo     demoCmd     `cmd:"" help:"Everything on this machine: broker, store, a rehearsal, ingest, API and pages."`
	Ingest   ingestCmd   `cmd:"" help:"Read orders from Kafka, count them, store them."`
	Serve    serveCmd    `cmd:"" help:"API and pages over a store that ingest fills."`
	Store    storeCmd    `cmd:"" help:"The embedded engine alone; its backup and restore."`
	Rehearse rehearseCmd `cmd:"" help:"Write a synthetic festival into a topic, with an answer sheet."`
	Verify   verifyCmd   `cmd:"" help:"Recount the log independently and compare cells, seals and frames."`
	Close    closeCmd    `cmd:"" help:"Fix the figures for good and print the closing document."`
	Hold     holdCmd     `cmd:"" help:"Let the screens rest on the number that they show, or go on."`
	Ledger   ledgerCmd   `cmd:"" help:"List the ledgers of a store, open a new one, sign off what a log has lost."`
	Export   exportCmd   `cmd:"" help:"Write series, orders or milestones as CSV, Parquet or Arrow; frames as a recording."`
	Replay   replayCmd   `cmd:"" help:"Play a recorded night on the wall."`
	Migrate  migrateCmd  `cmd:"" help:"Bring the store's schema up to date."`
	Bench    benchCmd    `cmd:"" help:"Measure this machine."`
	Version  versionCmd  `cmd:"" help:"Say which version this is."`
	Broker   brokerCmd   `cmd:"" hidden:"" help:"The demo's broker, started by demo."`
}

// app is what every command gets.
type app struct {
	ctx     context.Context // ends at the first SIGINT or SIGTERM
	in      io.Reader       // answers to questions; nil: there are none
	out     io.Writer
	err     io.Writer
	environ []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(&app{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ()}, os.Args[1:])
	stop()
	os.Exit(code)
}

// run parses and runs one command and gives its exit code. A second interrupt ends the program at once.
func run(a *app, args []string) int {
	context.AfterFunc(a.ctx, func() { signal.Reset(os.Interrupt, syscall.SIGTERM) })
	if len(args) == 0 {
		args = []string{"--help"}
	}
	line := a.parse(args)
	if line.exit >= 0 && len(line.problems) == 0 {
		return line.exit
	}
	return a.code(line.run(a))
}

// run runs the command, or with --check only reads what it would read. Flags that cannot be read are reported together
// with all that is wrong with the settings.
func (l *commandLine) run(a *app) error {
	var command checker
	if l.parsed != nil && l.parsed.Selected() != nil {
		command, _ = l.parsed.Selected().Target.Addr().Interface().(checker)
	}
	switch {
	case len(l.problems) > 0 && command != nil:
		return both(append(l.problems, command.check(a))...)
	case len(l.problems) > 0:
		return both(l.problems...)
	case command != nil && command.checking():
		if err := command.check(a); err != nil {
			return err
		}
		fmt.Fprintln(a.out, "What", l.parsed.Command(), "would read is in order; nothing was connected to.")
		return nil
	}
	return l.parsed.Run(a)
}

// code says what went wrong in one place and gives the exit code.
func (a *app) code(err error) int {
	var usage usageError
	var difference differenceError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintln(a.err, "festival:", err)
		return exitUsage
	case errors.As(err, &difference):
		fmt.Fprintln(a.err, "festival:", err)
		return exitDifference
	case errors.Is(err, context.Canceled) && a.ctx.Err() != nil:
		return exitFailed
	default:
		fmt.Fprintln(a.err, "festival:", err)
		return exitFailed
	}
}

// ownPace tells whether an operator has set the garbage collector's pace.
func (a *app) ownPace() bool {
	return slices.ContainsFunc(a.environ, func(v string) bool { return strings.HasPrefix(v, "GOGC=") })
}
