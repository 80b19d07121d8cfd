package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"festival/ingest/verify"
)

// followFlags are those of `festival verify --follow`.
type followFlags struct {
	Follow  bool          `help:"Recount behind the live edge until stopped; every --every of the festival an official frame is compared and a verification record names it."`
	Every   time.Duration `help:"With --follow: how much of the festival lies between two frames that are compared." default:"10s"`
	Metrics string        `help:"With --follow: where /metrics listens; empty for nowhere." placeholder:"HOST:PORT"`
	// Child is the demo's own: ends with standard input, is silent where all is equal, and lets the others go first.
	Child bool `hidden:""`
}

// problems names what the flags say wrong; v is what else was asked for.
func (f *followFlags) problems(v verify.Config) error {
	if !f.Follow {
		return nil
	}
	var problems []error
	if f.Every < time.Second {
		problems = append(problems, fmt.Errorf("--every %s: at least 1s", f.Every))
	}
	if f.Metrics != "" && !hostPort(f.Metrics) {
		problems = append(problems, fmt.Errorf("--metrics %q: want host:port", f.Metrics))
	}
	if v.From != "" || len(v.Partitions) > 0 || v.Until > 0 {
		problems = append(problems, errors.New("--follow goes with none of --from, --partition and --until: it reads Kafka, all of it"))
	}
	return errors.Join(problems...)
}

// lowly is the priority of the demo's child (nice): what counts and serves goes first.
const lowly = 10

// follow follows until it is asked to stop.
func (f *followFlags) follow(a *app, v verify.Config, asJSON bool) error {
	ctx, level := a.ctx, slog.LevelInfo
	if f.Child {
		var cancel context.CancelFunc
		ctx, cancel = endWithParent(a.ctx, os.Stdin)
		defer cancel()
		level = slog.LevelError
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, lowly) // without it, it is only less modest
	}
	registry := newRegistry()
	cfg := verify.FollowConfig{Config: v, Every: f.Every, Registry: registry,
		Log: slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: level}))}
	all, ctx := errgroup.WithContext(ctx)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if f.Metrics != "" {
		all.Go(func() error { return serveHTTP(ctx, f.Metrics, promhttp.HandlerFor(registry, promhttp.HandlerOpts{})) })
	}
	var result *verify.FollowResult
	all.Go(func() (err error) {
		defer stop()
		result, err = verify.Follow(ctx, cfg)
		return err
	})
	var altered verify.LedgerError
	if err := all.Wait(); errors.As(err, &altered) {
		return differenceError{1, altered.Error()}
	} else if err != nil {
		return err
	}
	return f.report(a, result, asJSON)
}

func (f *followFlags) report(a *app, r *verify.FollowResult, asJSON bool) error {
	switch {
	case f.Child:
	case asJSON:
		if err := json.NewEncoder(a.out).Encode(r); err != nil {
			return err
		}
	default:
		fmt.Fprintf(a.out, "%d official frames compared, %d of them differ", r.Frames, r.Wrong)
		if r.Verified != nil {
			fmt.Fprintf(a.out, "; verified to %s, hash %s", time.Unix(r.Verified.Second, 0).UTC().Format(time.RFC3339), r.Verified.Hash)
		}
		fmt.Fprintln(a.out)
	}
	if r.Differs() {
		return differenceError{r.Wrong, storeDiffers}
	}
	return nil
}

// verifyChild is the demo's `verify --follow`: in a process of its own, so that nothing of it is shared with the count.
func (d *demoCmd) verifyChild(a *app, log *slog.Logger) *child {
	args := []string{"verify", "--follow", "--child", "--data", d.Data}
	if d.Config != "" {
		args = append(args, "--config", d.Config)
	}
	return &child{name: "verify", log: log, stderr: a.err, args: args}
}

// keepVerify keeps the child running until ctx ends. One that cannot start ends nothing but itself.
func (d *demoCmd) keepVerify(ctx context.Context, a *app, log *slog.Logger) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	d.verifyChild(a, log).keep(ctx, func(cause error) {
		log.Error("nothing is verified from here on", "reason", cause)
		cancel(cause)
	})
}
