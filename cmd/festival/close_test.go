package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"festival/sql/engine"
	"festival/sql/engine/enginetest"
)

// closedFrame is what a frame says of a close and a hold.
type closedFrame struct {
	Official  bool   `json:"official"`
	Second    string `json:"second"`
	Phase     string `json:"phase"`
	Certainty string `json:"certainty"`
	Frozen    *struct{ Second, Reason string }
	Total     struct {
		GmvFen        int64 `json:"gmv_fen"`
		Orders        int64 `json:"orders"`
		AfterClose    int64 `json:"after_close"`
		AfterCloseFen int64 `json:"after_close_fen"`
	} `json:"total"`
	Positions map[string]int64 `json:"positions"`
	After     map[string]int64 `json:"after_positions"`
}

// says runs festival and gives its standard output alone.
func says(t *testing.T, args ...string) (string, int) {
	t.Helper()
	path, err := programFile()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), engine.LibEnv+"="+enginetest.Library(t), engine.BinaryEnv+"="+enginetest.Binary(t))
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	_ = cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != exitDone {
		return problems.String(), code
	}
	return out.String(), exitDone
}

// TestClose closes a festival that goes on: refused first; then the figures are frozen at the document's, to every route and
// through a restart, and what comes after is counted beside them; the outsider finds the document's figures and seals by
// docs/recount.md.
func TestClose(t *testing.T) {
	t.Parallel()
	festival := newFestival(t)
	d := newDemo(t, "--rate", "0")
	festival.write(t, d.data)
	d.start(t)
	shop, p := newShop(t, festival), newProducers(t, d.kafka)
	send := func(n int) {
		for range n {
			p.send(context.Background(), shop.next())
		}
		p.flush(t)
	}
	send(4000)
	d.atEnd()

	out, code := says(t, "close", "--data", d.data, "--by", "Lin Yue")
	require.Equal(t, exitFailed, code, "%s", out)
	require.Contains(t, out, "window day ends at")
	require.Contains(t, out, "--anyway")
	out, code = says(t, "close", "--data", d.data, "--show")
	require.Equal(t, exitFailed, code, "%s", out)

	document, code := says(t, "close", "--data", d.data, "--by", "Lin Yue", "--anyway", "a test")
	require.Equal(t, exitDone, code, "%s", document)
	var doc closingOf
	require.NoError(t, json.Unmarshal([]byte(document), &doc))
	records := topicLog(t, d.kafka)
	require.Len(t, records, 4000)
	again, code := says(t, "close", "--data", d.data, "--by", "Somebody Else")
	require.Equal(t, exitDone, code)
	require.Equal(t, document, again, "the oldest closing stands")

	var curve, before any
	d.json("/api/v1/series?dim=country&key=RU&step=1m", &before)
	send(2000)
	var f closedFrame
	d.await("what came after", func() bool {
		f = closedFrame{}
		d.json("/api/v1/frame", &f)
		return f.Official && f.After["0"]+f.After["1"]+f.After["2"]+f.After["3"] == 6000
	})
	now := newOutsider(t).count(topicLog(t, d.kafka), festival)
	require.Equal(t, "closed", f.Phase)
	require.Equal(t, "final", f.Certainty)
	require.Equal(t, doc.Positions, f.Positions)
	require.Equal(t, [2]int64{doc.Total.Orders, doc.Total.GmvFen}, [2]int64{f.Total.Orders, f.Total.GmvFen})
	require.Equal(t, now.total.Orders-doc.Total.Orders, f.Total.AfterClose)
	require.Equal(t, now.total.GmvFen-doc.Total.GmvFen, f.Total.AfterCloseFen)
	require.Positive(t, f.Total.AfterClose)
	d.json("/api/v1/series?dim=country&key=RU&step=1m", &curve)
	require.Equal(t, before, curve)
	var countries struct{ Total sums }
	d.json("/api/v1/breakdown?dim=country", &countries)
	require.Equal(t, doc.Total.GmvFen, countries.Total.GmvFen)
	var milestones struct{ Milestones []struct{ Certainty *string } }
	d.json("/api/v1/milestones", &milestones)
	require.Equal(t, "final", *milestones.Milestones[0].Certainty)
	var rejects struct{ Reasons map[string]int64 }
	d.json("/api/v1/rejects", &rejects)
	require.Equal(t, doc.Rejects, rejects.Reasons)

	d.interrupt()
	d.start(t)
	d.await("the same after a restart", func() bool {
		g := closedFrame{}
		d.json("/api/v1/frame", &g)
		return g.Total == f.Total && g.Certainty == "final"
	})
	requireHold(t, d)
	again, code = says(t, "close", "--data", d.data, "--show")
	require.Equal(t, exitDone, code)
	require.Equal(t, document, again)
	table, code := says(t, "export", "orders", "--data", d.data, "--format", "csv")
	require.Equal(t, exitDone, code, "%s", table)
	exported, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	require.NoError(t, err)
	require.EqualValues(t, 1+4000-doc.Total.Rejected, len(exported), "a heading, and the raw orders below the closing positions")
	requireRecording(t, d)
	text, code := result(t, "verify", "--data", d.data)
	require.Equal(t, exitDone, code, "%s", text)
	requireRecount(t, records, document, &doc)
}

// requireHold holds the number by the command and releases it by the route.
func requireHold(t *testing.T, d *demo) {
	t.Helper()
	out, code := says(t, "hold", "--data", d.data, "--by", "Lin Yue", "--reason", "a doubt")
	require.Equal(t, exitDone, code, "%s", out)
	require.Contains(t, out, "Held: the screens rest on the official frame of ")
	var f closedFrame
	d.await("a held frame", func() bool { // the command has seen it in the store, before it is shown
		f = closedFrame{}
		d.json("/api/v1/frame", &f)
		return f.Frozen != nil
	})
	require.Contains(t, out, f.Frozen.Second)
	out, code = says(t, "hold", "--data", d.data, "--by", "Wu", "--reason", "again")
	require.Equal(t, exitFailed, code)
	require.Contains(t, out, "held already, by Lin Yue: a doubt")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, "http://"+d.http+"/api/v1/hold", strings.NewReader(`{"by":"Wu"}`))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	status, body := ask(req)
	require.Equal(t, http.StatusOK, status, "%s", body)
	d.await("release", func() bool {
		f = closedFrame{}
		d.json("/api/v1/frame", &f)
		return f.Frozen == nil
	})
	out, _ = says(t, "hold", "--data", d.data, "--show")
	assert.Regexp(t, `held +Lin Yue  a doubt\n.*released  Wu`, out)
}
