package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestUndoneClose takes the frames of a close out of the store: verify names the closing, and a demo that is started again
// neither closes a second time nor shows an open festival, and says why.
func TestUndoneClose(t *testing.T) {
	t.Parallel()
	festival := newFestival(t)
	d := newDemo(t, "--rate", "0")
	festival.write(t, d.data)
	d.start(t)
	shop, p := newShop(t, festival), newProducers(t, d.kafka)
	for range 500 {
		p.send(context.Background(), shop.next())
	}
	p.flush(t)
	d.atEnd()
	document, code := says(t, "close", "--data", d.data, "--by", "Lin", "--anyway", "a test")
	require.Equal(t, exitDone, code, "%s", document)
	var doc struct{ Frame struct{ Second, Hash string } }
	require.NoError(t, json.Unmarshal([]byte(document), &doc))
	final, err := time.Parse(time.RFC3339, doc.Frame.Second)
	require.NoError(t, err)
	d.await("note of the close", func() bool { return rowsOf(t, d, "closed") == "1" })
	store := runningStore(t, filepath.Join(d.data, "store"))
	for _, table := range []string{"frames", "verifications"} {
		store.ask(fmt.Sprintf("ALTER TABLE festival.%s DELETE WHERE second >= %d SETTINGS mutations_sync = 2", table, final.Unix()), nil)
	}
	d.interrupt()
	verify := func() {
		out, code := result(t, "verify", "--data", d.data)
		require.Equal(t, exitDifference, code, "%s", out)
		require.Contains(t, out, "DIFFERENT closing: of ")
		require.Contains(t, out, doc.Frame.Hash)
	}
	verify()
	d.startUntil(t, "the sentence", func() bool {
		_, body := d.get("/readyz")
		return strings.Contains(string(body), "no frame is made and nothing is closed again")
	})
	left := rowsOf(t, d, "frames")
	from := d.pulsed(t)
	d.await("three seconds of a process at work: a second close, or a frame, would come within one", func() bool { return d.pulsed(t) >= from+3000 })
	require.Equal(t, left, rowsOf(t, d, "frames"))
	require.Equal(t, "1", rowsOf(t, d, "closings"))
	d.interrupt()
	verify()
}

// pulsed is when the demo's ingest last said that it is alive, Unix ms.
func (d *demo) pulsed(t *testing.T) (ms int64) {
	t.Helper()
	o := runningStore(t, filepath.Join(d.data, "store"))
	_, err := fmt.Sscan(string(o.ask("SELECT max(at_ms) FROM festival.pulse FORMAT TSV", nil)), &ms)
	require.NoError(t, err)
	return ms
}

// rowsOf counts a table's rows while the demo runs.
func rowsOf(t *testing.T, d *demo, table string) string {
	t.Helper()
	o := runningStore(t, filepath.Join(d.data, "store"))
	return strings.TrimSpace(string(o.ask("SELECT toString(count()) FROM festival."+table+" FORMAT TSV", nil)))
}
