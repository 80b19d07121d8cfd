package verify_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/aggregate"
	"festival/sql"
)

// close closes the festival as it is now: its board stands still, the other goes on.
func (f *festival) close(t *testing.T) {
	f.closed, f.closeMs = f.newBoard(t), f.second(len(f.frames))*1000
	for _, u := range f.updates {
		require.NoError(t, f.closed.Fold(u))
	}
	f.frame(t)
	final := f.frames[len(f.frames)-1]
	document := map[string]any{"positions": final.Positions, "mobile": final.Mobile, "devices": final.Devices, "countries": final.Countries,
		"provinces": final.Provinces, "total": map[string]any{"gmv_fen": final.Total.GmvFen, "orders": final.Total.Orders}}
	sum := sha256.Sum256(canonical(t, document))
	document["sha256"] = hex.EncodeToString(sum[:])
	c := sql.Closing{AtMs: f.closeMs, Second: f.second(len(f.frames) - 1), FrameHash: *final.Hash, FrameJSON: string(final.JSON()),
		Document: string(canonical(t, document))}
	for p := range int32(partitions) {
		c.Seals = append(c.Seals, sql.SealRow{Partition: p, End: final.Positions[p]})
	}
	require.NoError(t, f.store.OfferClosing(context.Background(), f.ledger.Prefix, c))
}

func canonical(t *testing.T, document map[string]any) []byte {
	text, err := json.Marshal(document)
	require.NoError(t, err)
	text, err = aggregate.Canonical(text)
	require.NoError(t, err)
	return text
}

// TestClosed: frames of a closed festival show the figures of the close, and what came after is counted on exactly.
func TestClosed(t *testing.T) {
	f := newFestival(t, stride)
	f.grow(t, 400)
	f.close(t)
	f.grow(t, 300)
	w := f.follow(t)
	newest := f.grow(t, 300)
	last := f.frames[len(f.frames)-1]
	require.NotZero(t, last.Total.AfterClose)
	r := f.verify(t)
	require.False(t, r.Differs(), text(t, r))
	require.EqualValues(t, len(f.frames), r.Frames.Compared)
	w.await(newest - 1)
	require.False(t, w.end().Differs(), "%s", &w.log)

	i := len(f.frames) - 2
	f.forge(t, i, func(g *aggregate.Frame) { g.Total.AfterCloseFen++ })
	r = f.verify(t)
	require.True(t, names(r, "frame", "total.after_close_fen"), text(t, r))
	f.forge(t, i, func(g *aggregate.Frame) { g.Total.Orders++ })
	r = f.verify(t)
	require.True(t, names(r, "frame", "total.orders"), text(t, r))
	f.forge(t, 0, func(*aggregate.Frame) {})
	for set, says := range map[string]string{
		"frame_json = replaceOne(frame_json, '\"orders\":', '\"orders\":1')": "frame's bytes",
		"document = replaceOne(document, '\"orders\":', '\"orders\":1')":     "sha256",
	} {
		f.exec(t, "ALTER TABLE closings UPDATE "+set+" WHERE 1")
		r = f.verify(t)
		require.True(t, names(r, "closing", "made at"), "%s: %s", set, text(t, r))
		require.Contains(t, text(t, r), says)
		back := strings.NewReplacer(`'"orders":', '"orders":1'`, `'"orders":1', '"orders":'`).Replace(set)
		f.exec(t, "ALTER TABLE closings UPDATE "+back+" WHERE 1")
	}
	r = f.verify(t)
	require.False(t, r.Differs(), text(t, r))
}

// TestGap: an accepted gap is not in the log, whoever stored what it held; verify names it with signer and reason.
func TestGap(t *testing.T) {
	f := newFestival(t, stride)
	f.produce(t, 400, kgo.TryCommit)
	ctx := context.Background()
	require.NoError(t, f.store.InsertSignoff(ctx, f.ledger.Prefix, sql.Signoff{Kind: sql.SignoffGap, Partition: 0, Era: 1, Segment: 0,
		First: 50, End: 90, By: "ops@festival", Reason: "retention", AtMs: 1000, World: "{}", Hash: strings.Repeat("c", 64)}))
	f.gap = [2]int64{50, 90}
	f.count(t, 16<<10)
	r := f.verify(t)
	require.False(t, r.Differs(), text(t, r))
	require.Contains(t, text(t, r), "accepted gap: partition 0 offsets [50, 90) are not in the log, signed by ops@festival at 1970-01-01T00:00:01Z: retention")
	require.EqualValues(t, 200-40, r.Partitions[0].Records)
	w := f.follow(t)
	w.await(f.second(len(f.frames)-1) - 1)
	require.False(t, w.end().Differs(), "%s", &w.log)
}
