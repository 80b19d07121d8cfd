package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"festival/dashboard"
)

// replayCmd is `festival replay`: a recorded night on the wall, without Kafka or a store.
type replayCmd struct {
	File  string `arg:"" help:"Recording, written by festival export frames." type:"path"`
	Addr  string `help:"Where the wall is." default:"127.0.0.1:8090" placeholder:"HOST:PORT"`
	Open  bool   `help:"Listen beyond loopback: whoever reaches the address sees the recorded figures."`
	Check bool   `help:"Read the recording's first lines, listen to nothing, and exit."`
}

// Help is shown under the flags.
func (replayCmd) Help() string {
	return `The wall plays the recorded official frames at the speed of that night: same number, same seconds, same milestones, marked as a
replay all the time. The page's address takes &speed=20 and &from=21:30:00 (the festival's clock) beside the wall's own parameters.

Examples:
  festival replay night.jsonl.gz
  festival replay night.jsonl.gz --addr 127.0.0.1:8091`
}

func (cmd *replayCmd) checking() bool { return cmd.Check }

func (cmd *replayCmd) check(*app) error {
	return both(cmd.badAddr(), checkRecording(cmd.File))
}

func (cmd *replayCmd) badAddr() error {
	host, _, err := net.SplitHostPort(cmd.Addr)
	if err != nil {
		return fmt.Errorf("--addr %q: want host:port, such as 127.0.0.1:8090", cmd.Addr)
	}
	if ip := net.ParseIP(host); !cmd.Open && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--addr %s is beyond loopback: give 127.0.0.1, or --open to show the figures to whoever reaches it", cmd.Addr)
	}
	return nil
}

// recordingReader reads a recording, packed or not (RFC 1952: the first two bytes of gzip).
func recordingReader(f io.Reader) (*bufio.Reader, error) {
	r := bufio.NewReaderSize(f, 1<<16)
	if magic, _ := r.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return r, nil
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(z, 1<<16), nil
}

// checkRecording reads the first line and the first frame.
func checkRecording(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	defer f.Close()
	r, err := recordingReader(f)
	if err != nil {
		return fmt.Errorf("recording %s: %w", name, err)
	}
	var head struct{ Replay int }
	line, _ := r.ReadBytes('\n')
	if err := json.Unmarshal(line, &head); err != nil || head.Replay != 1 {
		return fmt.Errorf("%s is no recording: its first line does not begin with {\"replay\":1, give a file of `festival export frames`", name)
	}
	var frame struct{ Second string }
	line, _ = r.ReadBytes('\n')
	if json.Unmarshal(line, &frame) != nil || frame.Second == "" {
		return fmt.Errorf("recording %s holds no official frame", name)
	}
	return nil
}

// Run serves the pages and the recording until it is asked to stop.
func (cmd *replayCmd) Run(a *app) error {
	if err := cmd.check(a); err != nil {
		return usageError{err}
	}
	listener, err := net.Listen("tcp", cmd.Addr)
	if err != nil {
		return fmt.Errorf("--addr %s: %w", cmd.Addr, err)
	}
	server := &http.Server{Handler: replayHandler(dashboard.Files(), cmd.File), ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(a.ctx, func() { server.Close() })
	defer stop()
	fmt.Fprintf(a.out, "The replay is at http://%s%s\n", listener.Addr(), replayPath(cmd.File))
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// replayPath is the wall's address for a recording.
func replayPath(file string) string {
	return "/?replay=" + url.QueryEscape("/replay/"+strings.TrimSuffix(filepath.Base(file), ".gz"))
}

// replayHandler answers with the wall, what it loads, and the one recording, unpacked as it is read: the browser takes as
// much as it plays, so memory does not grow with the night.
func replayHandler(pages fs.FS, file string) http.Handler {
	mux := http.NewServeMux()
	files := http.FileServerFS(pages)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /replay/", func(w http.ResponseWriter, _ *http.Request) {
		f, err := os.Open(file)
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		defer f.Close()
		lines, err := recordingReader(f)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/x-ndjson")
		io.Copy(w, lines) // a browser that went away ends it
	})
	return mux
}
