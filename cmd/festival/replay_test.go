package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/dashboard"
	"festival/query"
)

const recorded = `{"replay":1,"festival":{}}` + "\n" + `{"seq":1,"second":"2026-11-11T00:00:00+08:00"}` + "\n"

func writeRecordingFile(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	f, err := os.Create(file)
	require.NoError(t, err)
	out, done := recordingWriter(f, name)
	_, err = io.WriteString(out, text)
	require.NoError(t, err)
	require.NoError(t, done())
	require.NoError(t, f.Close())
	return file
}

// TestReplayServes: the wall, and the recording's own bytes, packed or not; a path that is neither is none.
func TestReplayServes(t *testing.T) {
	for _, name := range []string{"night.jsonl", "night.jsonl.gz"} {
		file := writeRecordingFile(t, name, recorded)
		server := httptest.NewServer(replayHandler(dashboard.Files(), file))
		page, body := fetch(t, server.URL+replayPath(file))
		require.Equal(t, http.StatusOK, page.StatusCode)
		require.Contains(t, body, "/assets/wall.js")
		lines, body := fetch(t, server.URL+"/replay/night.jsonl")
		require.Equal(t, "application/x-ndjson", lines.Header.Get("Content-Type"))
		require.Equal(t, recorded, body, name)
		none, _ := fetch(t, server.URL+"/api/v1/frame")
		require.Equal(t, http.StatusNotFound, none.StatusCode)
		server.Close()
	}
}

func fetch(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(body)
}

// TestReplayRefuses: what is no recording, and an address that others reach, both at once, with exit 2.
func TestReplayRefuses(t *testing.T) {
	for text, says := range map[string]string{"": "is no recording", "<html>": "is no recording", `{"replay":2}` + "\n": "is no recording",
		`{"replay":1}` + "\n": "holds no official frame", `{"replay":1}` + "\n{}\n": "holds no official frame"} {
		out, code := result(t, "replay", writeRecordingFile(t, "x.jsonl", text), "--addr", "0.0.0.0:0", "--check")
		require.Equal(t, exitUsage, code, "%q", text)
		require.Contains(t, out, says, "%q", text)
		require.Contains(t, out, "--addr 0.0.0.0:0 is beyond loopback", "%q", text)
	}
	out, code := result(t, "replay", writeRecordingFile(t, "x.jsonl.gz", recorded), "--check")
	require.Equal(t, exitDone, code, out)
	out, code = result(t, "replay", "/nowhere.jsonl")
	require.Equal(t, exitUsage, code)
	require.Contains(t, out, "/nowhere.jsonl")
}

// TestReplayEnds: the command ends when it is asked to.
func TestReplayEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	out, said := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- (&replayCmd{File: writeRecordingFile(t, "x.jsonl", recorded), Addr: "127.0.0.1:0"}).Run(&app{ctx: ctx, out: said, err: io.Discard})
	}()
	line := make([]byte, 100)
	n, err := out.Read(line)
	require.NoError(t, err)
	require.Contains(t, string(line[:n]), "/?replay=%2Freplay%2Fx.jsonl")
	stop()
	require.NoError(t, <-done)
}

func TestRecordedReference(t *testing.T) {
	points := make([]query.ReferencePoint, 3001)
	for i := range points {
		points[i] = query.ReferencePoint{N: int64(i), GmvFen: int64(i) * 10}
	}
	kept := thinned(points)
	require.LessOrEqual(t, len(kept), recordedPoints)
	require.Equal(t, points[3000], kept[len(kept)-1])
	require.EqualValues(t, 8, *reachedBy(points, 71))
	require.Nil(t, reachedBy(points, 30_001))
	require.Empty(t, thinned(nil))
}

// requireRecording exports the frames of a demo and holds them against what its API answers.
func requireRecording(t *testing.T, d *demo) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "night.jsonl.gz")
	out, code := says(t, "export", "frames", "--data", d.data, "-o", file)
	require.Equal(t, exitDone, code, "%s", out)
	require.NoError(t, checkRecording(file))
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	require.Greater(t, len(lines), 2)
	for _, i := range []int{1, len(lines) / 2, len(lines) - 1} {
		var f struct{ Second string }
		require.NoError(t, json.Unmarshal([]byte(lines[i]), &f))
		status, shown := d.get("/api/v1/frame?at=" + url.QueryEscape(f.Second))
		require.Equal(t, http.StatusOK, status)
		require.True(t, strings.HasPrefix(string(shown), strings.TrimSuffix(lines[i], "}")+`,"later":`), "the bytes that were shown: %s", shown)
	}
}
