package query

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/sql"
)

func sendTo(t *testing.T, method, url, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

// Frames of a held number name one official frame, the one before the first that carries the hold; all serves and a restart
// say the same; a release ends it.
func TestHeldFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		b := newBench(t, store, nil)
		follower := newBench(t, store, func(c *Config) { c.Tail, c.Follow = true, true })
		defer follower.stop()
		b.flush(paid(0, 0, 10, 10, 50, dayStart))
		pass(2500 * time.Millisecond)
		row := sql.HoldRow{AtMs: time.Now().UnixMilli(), Held: true, Who: "Lin", Reason: "双11 check"}
		require.NoError(t, ChangeHold(t.Context(), store, 0, row))
		pass(2500 * time.Millisecond)
		b.flush(paid(0, 0, 20, 20, 50, dayStart))
		pass(time.Second)
		b.stop()
		b = newBench(t, store, nil)
		pass(2 * time.Second)
		var before string
		var held []aggregate.Frame
		for _, r := range store.chain("") {
			if f := decode(t, r.JSON); f.Frozen != nil {
				held = append(held, f)
			} else {
				before = f.Second
			}
		}
		require.GreaterOrEqual(t, len(held), 4)
		for _, f := range held {
			require.Equal(t, aggregate.Frozen{Second: before, Reason: "双11 check", Since: b.cfg.timeText(row.AtMs)}, *f.Frozen)
		}
		require.EqualValues(t, 20, held[len(held)-1].Total.Orders, "frames go on")
		live := decode(t, string(follower.hub.newest("", true).body))
		require.Equal(t, before, live.Frozen.Second)

		require.NoError(t, ChangeHold(t.Context(), store, 0, sql.HoldRow{AtMs: time.Now().UnixMilli(), Who: "Wu"}))
		pass(2500 * time.Millisecond)
		b.stop()
		rows := store.chain("")
		require.Nil(t, decode(t, rows[len(rows)-1].JSON).Frozen)
		checkChain(t, rows, b.cfg.ledgerHex())
	})
}

// The route takes what an operator sends from this machine, and nothing that another site's page could send.
func TestHoldRoute(t *testing.T) {
	store := newMemoryStore()
	_, base := start(t, testConfig(t, store, 1))
	at := base + "/api/v1/hold"
	good := `{"reason":"a doubt","by":"Lin"}`
	for _, c := range []struct {
		method, body string
		header       []string
		status       int
	}{
		{"POST", good, []string{"Origin", "http://evil.example"}, 403},
		{"POST", good, []string{"Origin", "null"}, 403},
		{"POST", good, []string{"X-Forwarded-For", "10.0.0.1"}, 403},
		{"POST", good, []string{"Content-Type", "text/plain"}, 415},
		{"POST", `{"reason":"a doubt"}`, nil, 400},
		{"POST", `{"by":"Lin"}`, nil, 400},
		{"POST", `{"by":"Lin","reason":"x","until":1}`, nil, 400},
		{"POST", fmt.Sprintf(`{"by":"Lin","reason":"%s"}`, strings.Repeat("x", 201)), nil, 400},
		{"POST", `nonsense`, nil, 400},
		{"DELETE", `{"by":"Lin"}`, nil, 409},
		{"POST", good, []string{"Origin", base}, 200},
		{"POST", good, nil, 409},
		{"DELETE", `{"by":"Wu"}`, nil, 200},
	} {
		status, body := sendTo(t, c.method, at, c.body, c.header...)
		require.Equal(t, c.status, status, "%s %s %v: %s", c.method, c.body, c.header, body)
	}
	rows, err := store.Holds(t.Context(), 0)
	require.NoError(t, err)
	require.Len(t, rows, 2)
	require.Equal(t, []string{"Lin", "Wu"}, []string{rows[0].Who, rows[1].Who})
	status, header, _ := get(t, at)
	require.Equal(t, 405, status)
	require.Contains(t, header.Get("Allow"), "POST")
}
