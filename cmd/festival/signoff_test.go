package main

import (
	"context"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestSignoffs is the operator's way out as commands: a demo whose broker deleted the beginning of the open segments stops,
// says which command leads on, and goes on by itself after each; verify finds no difference, and the records stay.
func TestSignoffs(t *testing.T) {
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
	before := d.atEnd()
	counted := ends(t, d.kafka)
	deleteBefore(t, d.kafka, counted)
	d.interrupt()
	d.startUntil(t, "the stop", func() bool {
		status, body := d.get("/readyz")
		return strings.Contains(string(body), "festival ledger recount --partition 0 --data DIR --by NAME --reason WHY`") && status == http.StatusServiceUnavailable // all are stopped
	})
	d.await("an incomplete frame", func() bool {
		_, body := d.get("/api/v1/frame")
		return strings.Contains(string(body), "offset lost to retention")
	})

	for partition := range counted {
		args := []string{"ledger", "recount", "--data", d.data, "--partition", strconv.Itoa(int(partition)), "--by", "Ann", "--reason", "retention was too short"}
		out, code := result(t, args...)
		require.Equal(t, exitFailed, code, out)
		require.Contains(t, out, "not signed off: the offsets were not typed")
		require.Equal(t, exitDone, typed(t, "0-"+strconv.FormatInt(counted[partition], 10)+"\n", args...))
	}
	d.await("it to go on", func() bool { _, body := d.get("/readyz"); return strings.Contains(string(body), `"warnings":[]`) })
	out, code := result(t, "ledger", "recount", "--data", d.data, "--partition", "0", "--by", "Ann", "--reason", "again", "--yes")
	require.Equal(t, exitFailed, code, out)
	require.Contains(t, out, "has all that it needs")
	out, code = result(t, "ledger", "accept-gap", "--data", d.data, "--partition", "0", "--from", "5", "--to", "9", "--by", "Ann", "--reason", "no", "--yes")
	require.Equal(t, exitFailed, code, out)
	require.Contains(t, out, "does not say that it has lost anything")

	for range 500 {
		p.send(context.Background(), shop.next())
	}
	p.flush(t)
	after := d.atEnd()
	require.Greater(t, after.Total.Orders, before.Total.Orders)
	out, code = result(t, "verify", "--data", d.data)
	require.Equal(t, exitDone, code, out)
	out, code = result(t, "ledger", "list", "--data", d.data)
	require.Equal(t, exitDone, code, out)
	require.Equal(t, len(counted), strings.Count(out, "retention was too short"), out)
}

// typed runs festival with something on its standard input.
func typed(t *testing.T, text string, args ...string) int {
	t.Helper()
	path, err := programFile()
	require.NoError(t, err)
	cmd := exec.Command(path, args...)
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return cmd.ProcessState.ExitCode()
}

// deleteBefore deletes what a broker holds up to shortly before the offsets.
func deleteBefore(t *testing.T, broker string, before map[int32]int64) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker))
	require.NoError(t, err)
	defer client.Close()
	offsets := kadm.Offsets{}
	for p, at := range before {
		offsets.AddOffset("orders", p, at-20, -1) // all of it, and the test broker would begin at 0 after a restart
	}
	_, err = kadm.NewClient(client).DeleteRecords(context.Background(), offsets)
	require.NoError(t, err)
}
