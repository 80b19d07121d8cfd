package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql/engine"
)

// TestStopUnderLoad: Ctrl-C ends a loaded demo cleanly and soon, leaves no child behind, and the store equals the
// log; a second demo on the same data is refused meanwhile; started again with the same seed it makes no id twice.
func TestStopUnderLoad(t *testing.T) {
	d := newDemo(t, "--rate", "4000", "--profile", "flat", "--seed", "7")
	d.start(t)
	d.await("figures", func() bool { return d.shown() > 4000 })
	d.secondIsRefused(t)
	children := d.children()
	require.Len(t, children, 2, "%v", children)
	took := d.interrupt()
	t.Logf("clean stop under load: %s", took)
	require.Less(t, took, patience/6, "under 3 s on a quiet machine")
	require.NotContains(t, d.out.String(), "level=ERROR")
	for name, pid := range children {
		require.Eventually(t, func() bool { return !alive(pid) }, patience, 10*time.Millisecond, "%s lives on", name)
	}
	out, code := result(t, "verify", "--data", d.data)
	require.Equal(t, exitDone, code, "%s", out)

	before := d.duplicates(t)
	d.start(t)
	stored := d.shown()
	d.await("more figures", func() bool { return d.shown() > stored+4000 })
	d.interrupt()
	after := d.duplicates(t)
	t.Logf("share of duplicates before the restart %.4f, with what came after it %.4f", before, after)
	require.Less(t, after, 0.02, "ids do not come again after a restart")
}

// duplicates is the share of duplicates in all that is stored, while the demo rests.
func (d *demo) duplicates(t *testing.T) float64 {
	t.Helper()
	out, code := result(t, "verify", "--data", d.data, "--json")
	require.Equal(t, exitDone, code, "%s", out)
	var r struct {
		Partitions []struct{ Records, Duplicates float64 }
	}
	text := out[strings.Index(out, "{"):]
	require.NoError(t, json.NewDecoder(strings.NewReader(text)).Decode(&r))
	var records, duplicates float64
	for _, p := range r.Partitions {
		records, duplicates = records+p.Records, duplicates+p.Duplicates
	}
	return duplicates / records
}

func (d *demo) secondIsRefused(t *testing.T) {
	t.Helper()
	out, code := result(t, "demo", "--data", d.data, "--addr", unused(t), "--kafka-addr", unused(t))
	require.Equal(t, exitFailed, code)
	require.Regexp(t, `^festival: data directory \S+ is in use by another festival: .*\n$`, out, "one sentence")
}

func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	return err == nil && p.Signal(syscall.Signal(0)) == nil
}

// TestWorldIsNotReady: what the machine lacks is said in one sentence, before anything is started.
func TestWorldIsNotReady(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	addr := taken.Addr().String()
	demo := func(env []string, flags ...string) string {
		t.Helper()
		out, code := resultWith(t, env, append([]string{"demo", "--data", filepath.Join(t.TempDir(), "d"), "--rate", "0"}, flags...)...)
		require.Equal(t, exitFailed, code, "%s", out)
		require.Equal(t, 1, strings.Count(out, "\n"), "one sentence: %s", out)
		return out
	}
	require.Contains(t, demo(nil, "--addr", addr, "--kafka-addr", unused(t)), "--addr "+addr)
	require.Contains(t, demo(nil, "--addr", unused(t), "--kafka-addr", addr), "--kafka-addr "+addr)
	require.Contains(t, demo([]string{engine.LibEnv + "=/nowhere/libchdb.so"}, "--addr", unused(t), "--kafka-addr", unused(t)), "make engine")
	require.Contains(t, demo([]string{engine.BinaryEnv + "=/nowhere/engine"}, "--addr", unused(t), "--kafka-addr", unused(t)), "make build")
}

// TestOtherRules: a store whose ledger was opened under other rules is refused with exit 2, each difference named, and
// so is a tool that would read it.
func TestOtherRules(t *testing.T) {
	festival := newFestival(t)
	d := newDemo(t, "--rate", "0")
	festival.write(t, d.data)
	d.start(t)
	d.interrupt()
	file := filepath.Join(d.data, "festival.yaml")
	changed := strings.NewReplacer(`USD: "7.1142"`, `USD: "7.2"`, "[beauty, food]", "[beauty, food, toys]", "id: eve", "id: night").Replace(festival.yaml)
	require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
	for _, args := range [][]string{
		{"demo", "--data", d.data, "--rate", "0", "--addr", d.http, "--kafka-addr", d.kafka},
		{"verify", "--data", d.data}, {"export", "milestones", "--data", d.data},
	} {
		out, code := result(t, args...)
		require.Equal(t, exitUsage, code, "%v: %s", args, out)
		for _, part := range []string{"rates", "categories", "windows", "7.1142", "7.2", "toys", "night"} {
			require.Contains(t, out, part, "%v", args)
		}
		require.NotContains(t, out, "marketplaces", "what is equal is not named")
	}
	require.NoError(t, os.WriteFile(file, []byte(festival.yaml), 0o600))
	out, code := result(t, "verify", "--data", d.data)
	require.Equal(t, exitDone, code, "%s", out)
}
