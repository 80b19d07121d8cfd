package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"festival/cmd/festival-engine/internal/bridge"
	"festival/cmd/festival-engine/internal/libchdb"
	"festival/sql/engine"
)

const (
	// graceful is how long running requests may take to end before they are killed.
	graceful = 700 * time.Millisecond
	// deadline bounds the whole stop: past it the process ends as it is, which loses
	// no acknowledged row (a kill -9 does not either).
	deadline = 1800 * time.Millisecond
	// mergeNice is the niceness of the threads that merge parts: what is shown now goes before tidying up. With too few cores for both,
	// p99 to the live frame at 250,000 records/s fell from 2.1 to 0.9 s (docs/benchmarks.md); catching up lost nothing.
	mergeNice = 10
)

// serve runs the engine until it is told to stop.
func serve(o options, log *slog.Logger) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if !o.alone {
		go cancelAtEOF(os.Stdin, cancel)
	}
	home, err := engine.Claim(o.data)
	if err != nil {
		return err
	}
	defer home.Release()
	token, err := home.Token(o.token)
	if err != nil {
		return err
	}
	// The listener comes before the engine: a taken port is known at once.
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", o.addr, err)
	}
	server, err := open(o, home, token, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	return answer(ctx, home, listener, server, log)
}

// cancelAtEOF ends the program with its parent, who holds the other end of the pipe.
func cancelAtEOF(stdin io.Reader, cancel func()) {
	_, _ = io.Copy(io.Discard, stdin)
	cancel()
}

// open loads the library and starts the engine.
func open(o options, home *engine.Home, token string, log *slog.Logger) (*bridge.Server, error) {
	// Columns without a zone of their own are UTC on every machine.
	if err := os.Setenv("TZ", "UTC"); err != nil {
		return nil, err
	}
	path, err := engine.FindLibrary(o.lib)
	if err != nil {
		return nil, err
	}
	lib, err := libchdb.Load(path)
	if err != nil {
		return nil, err
	}
	return bridge.New(bridge.Config{Library: lib, Path: home.StorePath(), Token: token, Log: log, Args: engineArgs(o),
		Disk: func() (engine.Disk, error) { return engine.DiskOf(home.Dir(), o.keepFree) }})
}

// engineArgs are the server options that libchdb 26.7.3 takes at its first
// connection (seen in system.server_settings). System log tables need none: an
// embedded engine keeps no system.*_log.
func engineArgs(o options) []string {
	args := []string{
		"--background_pool_size=" + strconv.Itoa(o.mergeThreads),
		"--os_threads_nice_value_merge_mutate=" + strconv.Itoa(mergeNice),
		"--mark_cache_size=" + strconv.Itoa(64<<20),
		"--backups.allowed_path=/", // who has the token may write wherever this user may
	}
	if o.maxMemory > 0 {
		args = append(args, "--max_server_memory_usage="+strconv.FormatInt(o.maxMemory, 10))
	}
	return args
}

// answer serves until ctx ends, then stops within the deadline.
func answer(ctx context.Context, home *engine.Home, listener net.Listener, server *bridge.Server, log *slog.Logger) error {
	hs := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	failed := make(chan error, 2)
	go func() { failed <- hs.Serve(listener) }()
	watching, stopWatching := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if err := server.Watch(watching); err != nil {
			failed <- err
		}
	}()
	defer func() { stopWatching(); <-watched }()
	here := engine.Address{Addr: listener.Addr().String(), PID: os.Getpid(), Version: server.Version()}
	if err := home.Announce(here, os.Stdout); err != nil {
		return err
	}
	log.Info("engine answers", "addr", here.Addr, "version", here.Version, "data", filepath.Clean(home.Dir()))
	select {
	case err := <-failed:
		return errors.Join(fmt.Errorf("serve %s: %w", here.Addr, err), hs.Close())
	case <-ctx.Done():
	}
	return stop(hs, server, log)
}

// stop lets requests end, kills those that do not, and closes the engine.
func stop(hs *http.Server, server *bridge.Server, log *slog.Logger) error {
	begin := time.Now()
	hard := time.AfterFunc(deadline, func() {
		log.Warn("engine did not stop in time and is ended as it is", "after", deadline)
		os.Exit(0)
	})
	defer hard.Stop()
	if shutdown(hs, graceful) != nil {
		if err := server.KillAll(); err != nil {
			log.Warn("running statements go on", "error", err)
		}
		if err := shutdown(hs, graceful); err != nil {
			return errors.Join(err, hs.Close())
		}
	}
	server.Close()
	log.Info("engine stopped", "took", time.Since(begin).Round(time.Millisecond))
	return nil
}

func shutdown(hs *http.Server, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	return hs.Shutdown(ctx)
}
