package main

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// certain is what a frame says of verification.
type certain struct {
	Certainty  string  `json:"certainty"`
	VerifiedTo *string `json:"verified_to"`
	Second     string  `json:"second"`
	Official   bool    `json:"official"`
}

// TestDemoVerifies: the demo's own process recounts behind the live edge, so that the badge turns to verified; killed
// with -9 it comes back and goes on; its records name frames of the chain.
func TestDemoVerifies(t *testing.T) {
	t.Parallel()
	festival := newFestival(t)
	d := newDemo(t, "--rate", "0", "--verify")
	festival.write(t, d.data)
	d.start(t)
	shop, p := newShop(t, festival), newProducers(t, d.kafka)
	send := func(n int) {
		for range n {
			p.send(context.Background(), shop.next())
		}
		p.flush(t)
		d.atEnd()
	}
	var f certain
	verified := func() bool {
		d.json("/api/v1/frame", &f)
		return f.Certainty == "verified"
	}
	send(2000)
	d.await("a verified frame", verified)
	was := *f.VerifiedTo
	pid := d.children()["verify"]
	require.Positive(t, pid)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	send(500)
	d.await("a verified frame after kill -9", func() bool { return verified() && *f.VerifiedTo > was })
	require.NotEqual(t, pid, d.children()["verify"])
	d.interrupt()
	out, code := result(t, "verify", "--data", d.data)
	require.Equal(t, exitDone, code, "%s", out)
	require.NotContains(t, out, " 0 verification records")

	store := storeOf(t, filepath.Join(d.data, "store"))
	store.ask("INSERT INTO festival.verifications SELECT * REPLACE (reverse(frame_hash) AS frame_hash) FROM festival.verifications LIMIT 1", nil)
	out, code = result(t, "verify", "--data", d.data)
	require.Equal(t, exitDifference, code, "%s", out)
	require.Contains(t, out, "DIFFERENT verification: recorded ")
}

func TestFollowFlags(t *testing.T) {
	out, code := result(t, "verify", "--data", t.TempDir(), "--follow", "--every", "1ms", "--from", "orders", "--metrics", "here", "--check")
	require.Equal(t, exitUsage, code, "%s", out)
	for _, want := range []string{"--every 1ms", "--metrics \"here\"", "--from"} {
		require.Contains(t, out, want)
	}
}
