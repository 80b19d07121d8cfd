package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAcceptTopic: the topic was restored from a copy, with its bytes and offsets and another id. All stops and names the id; once
// `festival ledger accept-topic` has signed it off, counting goes on where it was.
func TestAcceptTopic(t *testing.T) {
	t.Parallel()
	festival := newFestival(t)
	d := newDemo(t, "--rate", "0")
	festival.write(t, d.data)
	d.start(t)
	shop := newShop(t, festival)
	send := func(n int) *wireFrame {
		p := newProducers(t, d.kafka)
		for range n {
			p.send(context.Background(), shop.next())
		}
		p.flush(t)
		return d.atEnd()
	}
	before := send(2000)
	accept := func(code int, says string, more ...string) {
		t.Helper()
		out, got := result(t, append([]string{"ledger", "accept-topic", "--data", d.data, "--by", "Ann", "--reason", "restored from the mirror"}, more...)...)
		require.Equal(t, code, got, out)
		require.Contains(t, out, says)
	}
	accept(exitFailed, "nothing to sign off")
	accept(exitUsage, "--by and --reason are empty", "--by", " ")
	d.interrupt()

	id := newTopicID(t, filepath.Join(d.data, "broker", "topics.json"))
	command := "festival ledger accept-topic --topic-id " + id + " --data DIR --by NAME --reason WHY"
	d.startUntil(t, "the stop", func() bool {
		status, body := d.get("/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(string(body), command)
	})
	accept(exitUsage, command)
	accept(exitFailed, command, "--topic-id", strings.Repeat("0", 32))
	accept(exitDone, "the ledger's topic has id "+id+" now", "--topic-id", id)
	accept(exitFailed, "nothing to sign off", "--topic-id", id)
	d.interrupt()
	d.start(t)
	require.Greater(t, send(500).Total.Orders, before.Total.Orders)
	d.interrupt()
	out, code := result(t, "verify", "--data", d.data)
	require.Equal(t, exitDone, code, out)
}

// newTopicID gives the only topic of a stopped test broker another id, and says it as the program does.
func newTopicID(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var topics struct {
		Topics []struct{ ID string }
	}
	require.NoError(t, json.Unmarshal(text, &topics))
	require.Len(t, topics.Topics, 1)
	old := topics.Topics[0].ID
	id, err := base64.StdEncoding.DecodeString(old)
	require.NoError(t, err)
	id[0] ^= 1
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), old, base64.StdEncoding.EncodeToString(id))), 0o600))
	return hex.EncodeToString(id)
}
