package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// engineAddr is where the engine of a store's directory answers.
func engineAddr(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "engine.json"))
	require.NoError(t, err)
	var at struct{ Addr string }
	require.NoError(t, json.Unmarshal(text, &at))
	return at.Addr
}

// TestTamper alters the store behind its back, by `festival store` and SQL: verify names each alteration and exits 3,
// and says that all is equal once it is undone.
func TestTamper(t *testing.T) {
	t.Parallel()
	festival := newFestival(t)
	d := newDemo(t, "--rate", "0")
	festival.write(t, d.data)
	d.start(t)
	shop, p := newShop(t, festival), newProducers(t, d.kafka)
	for range 3000 {
		p.send(context.Background(), shop.next())
	}
	p.flush(t)
	d.atEnd()
	d.await("official frame of all", func() bool { // the chain has a frame with the last position
		var f wireFrame
		d.json("/api/v1/frame", &f)
		return f.Official && f.Total.Orders > 0
	})
	d.interrupt()

	store := storeOf(t, filepath.Join(d.data, "store"))
	verify := func() (string, int) { return result(t, "verify", "--data", d.data) }
	out, code := verify()
	require.Equal(t, exitDone, code, "%s", out)
	for name, c := range map[string]struct{ table, set, undo, where, says string }{
		"cell": {"cells", "gmv_fen = gmv_fen + 1", "gmv_fen = gmv_fen - 1", "dim = 'country' AND key = 'RU' AND partition = 2 AND bucket = (SELECT min(bucket) FROM festival.cells WHERE dim = 'country' AND key = 'RU' AND partition = 2)", `country "RU"`},
		"raw order": {"orders", "amount_minor = amount_minor + 1", "amount_minor = amount_minor - 1",
			"partition = 1 AND offset = (SELECT min(offset) FROM festival.orders WHERE partition = 1)", "partition 1 offset "},
		"frame": {"frames", "json = replaceOne(json, '\"orders\":', '\"orders\":1')", "json = replaceOne(json, '\"orders\":1', '\"orders\":')",
			"second = (SELECT max(second) FROM festival.frames)", "frame"},
		"ledger": {"ledgers", "document = concat(document, ' ')", "document = trimRight(document)", "serial = 1", "DIFFERENT ledger"},
	} {
		alter := func(set string) {
			store.ask("ALTER TABLE festival."+c.table+" UPDATE "+set+" WHERE "+c.where+" SETTINGS mutations_sync = 2", nil)
		}
		alter(c.set)
		out, code := verify()
		require.Equal(t, exitDifference, code, "%s: %s", name, out)
		require.Contains(t, out, c.says, name)
		alter(c.undo)
	}
	out, code = verify()
	require.Equal(t, exitDone, code, "%s", out)
}

// TestToolWaitsForStore: a tool that finds the store's engine stopped for a moment waits for it.
func TestToolWaitsForStore(t *testing.T) {
	d := newDemo(t, "--rate", "0")
	newFestival(t).write(t, d.data)
	d.start(t)
	pid := d.children()["engine"]
	require.Positive(t, pid)
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	verify := launch(t, nil, "verify", "--data", d.data)
	select {
	case <-verify.done:
		require.Fail(t, "verify did not wait", "%s", verify.out)
	case <-time.After(3 * time.Second): // longer than one attempt
	}
	require.NoError(t, syscall.Kill(pid, syscall.SIGCONT))
	require.Equal(t, exitDone, verify.code(), "%s", verify.out)
}
