package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestKills is the same stream while kill -9 hits the engine, the program, both, the broker, again and again: afterwards every
// figure is what a run without a kill gives, and nothing that was official has been taken back.
func TestKills(t *testing.T) {
	t.Parallel()
	festival := newFestival(t)
	d := newDemo(t, "--rate", "0")
	festival.write(t, d.data)
	d.start(t)

	shop, p := newShop(t, festival), newProducers(t, d.kafka)
	ctx, stop := context.WithCancel(context.Background())
	produced := make(chan int, 1)
	go func() { produced <- produceUntil(ctx, shop, p, sized(200_000, 30_000)) }()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed of the kills: %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range sized(10, 4) {
		d.killOne(t, []string{"engine", "program", "both", "broker"}[i%4], random)
	}
	time.Sleep(time.Duration(random.IntN(1000)) * time.Millisecond) // any moment: what follows must hold at each
	stop()
	n := <-produced
	p.flush(t)
	require.EqualValues(t, n, p.acked.Load())

	frame := d.atEnd()
	records := topicLog(t, d.kafka)
	require.GreaterOrEqual(t, len(records), n, "the topic holds all that it has acknowledged")
	t.Logf("%d records produced, %d in the topic", n, len(records))
	requireFigures(t, d, frame, newOutsider(t).count(records, festival))
	requireChain(t, d)
	out, code := result(t, "verify", "--data", d.data)
	require.Equal(t, exitDone, code, "%s", out)
	t.Logf("clean stop: %s", d.interrupt())
	out, code = result(t, "verify", "--data", d.data)
	require.Equal(t, exitDone, code, "at rest: %s", out)
}

// produceUntil writes about 4,000 records a second until ctx ends and there are enough, and gives how many.
func produceUntil(ctx context.Context, s *shop, p *producers, enough int) (n int) {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		for range 100 {
			p.send(context.WithoutCancel(ctx), s.next())
			n++
		}
		<-tick.C
		if ctx.Err() != nil && n >= enough {
			return n
		}
	}
}

// killOne kills at a moment of chance, starts the program again where it was killed, and waits until figures move.
func (d *demo) killOne(t *testing.T, what string, random *rand.Rand) {
	t.Helper()
	time.Sleep(time.Duration(200+random.IntN(2000)) * time.Millisecond) // any moment: what follows must hold at each
	before := d.shown()
	begun := time.Now()
	if what == "engine" || what == "both" {
		d.killChild("engine")
	}
	if what == "broker" {
		d.killChild("broker")
	}
	if what == "program" || what == "both" {
		d.kill()
		t.Logf("ready again %s after kill -9", d.start(t))
	}
	d.await("figures that move", func() bool { return d.shown() > before })
	t.Logf("killed %s, figures move again after %s", what, time.Since(begun))
}

// shown is the sum of the positions of the newest frame, 0 without one.
func (d *demo) shown() (sum int64) {
	status, body := d.get("/api/v1/frame")
	var f wireFrame
	if status != 200 || json.Unmarshal(body, &f) != nil {
		return 0
	}
	for _, next := range f.Positions {
		sum += next
	}
	return sum
}

// requireChain reads every stored official frame and demands one unbroken chain in which no figure ever falls, and the
// same bytes from the API.
func requireChain(t *testing.T, d *demo) {
	t.Helper()
	frames := requireFrames(t, runningStore(t, filepath.Join(d.data, "store")))
	for i, row := range frames {
		if i%max(1, len(frames)/40) == 0 {
			d.requireShown(t, row.Second, row.Hash)
		}
	}
	t.Logf("%d official frames in one chain", len(frames))
}

// storedFrame is an official frame as a store has it.
type storedFrame struct {
	Second     int64
	Hash, JSON string
}

// requireFrames reads every stored official frame of the whole festival and demands one unbroken chain.
func requireFrames(t *testing.T, store *outsider) []storedFrame {
	t.Helper()
	frames := rows[storedFrame](store, "SELECT second AS Second, hash AS Hash, json AS JSON FROM festival.frames FINAL WHERE window = '' ORDER BY second")
	require.NotEmpty(t, frames)
	var last wireFrame
	prev := last.Ledger
	for i, row := range frames {
		var f wireFrame
		require.NoError(t, json.Unmarshal([]byte(row.JSON), &f))
		if i == 0 {
			prev, last.Positions = f.Ledger, f.Positions
		}
		link := linkOf(t, row.JSON)
		require.Equal(t, prev, link.prev, "frame of second %d", row.Second)
		require.Equal(t, link.want, link.hash, "frame of second %d", row.Second)
		require.True(t, f.Official)
		require.EqualValues(t, i+1, f.Seq)
		require.GreaterOrEqual(t, f.Total.GmvFen, last.Total.GmvFen)
		require.GreaterOrEqual(t, f.Total.Orders, last.Total.Orders)
		for p, next := range last.Positions {
			require.GreaterOrEqual(t, f.Positions[p], next, "partition %s", p)
		}
		require.Equal(t, row.Hash, link.hash)
		if i > 0 {
			require.Greater(t, row.Second, frames[i-1].Second)
		}
		prev, last = link.hash, f
	}
	return frames
}

// requireShown asks the API what was on air at a second.
func (d *demo) requireShown(t *testing.T, second int64, hash string) {
	t.Helper()
	var f struct{ Hash string }
	d.json("/api/v1/frame?at="+url.QueryEscape(time.Unix(second, 0).Format(time.RFC3339)), &f)
	require.Equal(t, hash, f.Hash, "frame?at= of second %d", second)
}

type link struct{ prev, hash, want string }

// linkOf recomputes a frame's hash as docs/definitions.md says.
func linkOf(t *testing.T, text string) link {
	t.Helper()
	var members map[string]any
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&members))
	l := link{prev: fmt.Sprint(members["prev"]), hash: fmt.Sprint(members["hash"])}
	for _, name := range []string{"hash", "fresh_ms", "later"} {
		delete(members, name)
	}
	var canonical bytes.Buffer // names and values are ASCII: encoding/json's order is RFC 8785's
	enc := json.NewEncoder(&canonical)
	enc.SetEscapeHTML(false)
	require.NoError(t, enc.Encode(members))
	sum := sha256.Sum256(bytes.TrimSuffix(canonical.Bytes(), []byte("\n")))
	l.want = hex.EncodeToString(sum[:])
	return l
}

// runningStore speaks SQL to the store of a running demo.
func runningStore(t *testing.T, dir string) *outsider {
	t.Helper()
	o := &outsider{t: t}
	o.addr = engineAddr(t, dir)
	o.readToken(dir)
	return o
}
