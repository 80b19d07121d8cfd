package verify_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// TestOffers: a closing whose final frame is gone is named, whether or not its closing is; an offer that another frame came
// before is not one.
func TestOffers(t *testing.T) {
	f := newFestival(t, stride)
	f.grow(t, 300)
	f.close(t)
	f.grow(t, 100)
	ctx, prefix := context.Background(), f.ledger.Prefix
	c, ok, err := f.store.Closing(ctx, prefix)
	require.NoError(t, err)
	require.True(t, ok)
	notes, err := f.store.ClosedNotes(ctx, prefix)
	require.NoError(t, err)
	require.Empty(t, notes)
	require.NoError(t, f.store.NoteClosed(ctx, prefix, c, c.AtMs+1000))
	require.NoError(t, f.store.NoteClosed(ctx, prefix, c, c.AtMs+2000))
	notes, err = f.store.ClosedNotes(ctx, prefix)
	require.NoError(t, err)
	require.Equal(t, []sql.ClosedNote{{AtMs: c.AtMs, Second: c.Second, FrameHash: c.FrameHash, Who: c.Who, There: true}}, notes)

	first := *f.frames[3]
	void := sql.Closing{AtMs: f.second(3) * 1000, Who: "Wu", Second: f.second(3), FrameHash: strings.Repeat("0", 64), FrameJSON: string(first.JSON())}
	require.NoError(t, f.store.OfferClosing(ctx, prefix, void))
	r := f.verify(t)
	require.False(t, r.Differs(), text(t, r))

	f.exec(t, "CREATE TABLE frames_were AS frames")
	f.exec(t, "INSERT INTO frames_were SELECT * FROM frames")
	f.exec(t, fmt.Sprintf("ALTER TABLE frames DELETE WHERE second >= %d", c.Second))
	notes, err = f.store.ClosedNotes(ctx, prefix)
	require.NoError(t, err)
	require.False(t, notes[0].There)
	r = f.verify(t)
	require.True(t, names(r, "closing", "by "+c.Who), text(t, r))
	require.Contains(t, text(t, r), "it stood: frames were taken out")
	f.exec(t, "TRUNCATE TABLE closed") // nothing says that it stood, and the chain ends before it
	r = f.verify(t)
	require.True(t, names(r, "closing", "by "+c.Who), text(t, r))
	f.exec(t, "INSERT INTO frames SELECT * FROM frames_were")
	require.False(t, f.verify(t).Differs())

	require.NoError(t, f.store.NoteClosed(ctx, prefix, c, c.AtMs+1000))
	f.exec(t, "TRUNCATE TABLE closings")
	require.True(t, names(f.verify(t), "closing", "by "+c.Who))
}
