package recount

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestKeySet holds the set against a map: hashes, some of them given again, and the keys that its slots could confuse.
func TestKeySet(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	set, want := &keySet{}, map[[16]byte]bool{}
	add := func(key [16]byte) {
		require.Equal(t, !want[key], set.add(key), "%x", key)
		want[key] = true
	}
	var last [16]byte
	for i := range last {
		last[i] = 0xff
	}
	for range 2 {
		add([16]byte{})
		add([16]byte{15: 1})
		add([16]byte{1})
		add(last) // belongs to the last slot: the one behind it is the first
	}
	for range 50_000 {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, random.Uint64N(40_000)))
		add([16]byte(sum[:16]))
		if random.IntN(50) == 0 {
			crowd := last
			crowd[1] = byte(random.IntN(256)) // all in one piece, from one slot on
			add(crowd)
		}
	}
	keys, slots := 0, 0
	for i := range set.pieces {
		keys, slots = keys+set.pieces[i].used, slots+len(set.pieces[i].slots)
	}
	require.Equal(t, len(want)-1, keys) // the zero key has no slot
	require.Less(t, slots, 2*keys)
}
