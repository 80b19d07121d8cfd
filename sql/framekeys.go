package sql

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// FrameKey is a secret of a ledger: its serves sign by it what they append to the frames topic. It prints as a mask.
type FrameKey [32]byte

const frameKeyMask = "(frame key)"

// Format keeps the key out of logs, whatever the verb.
func (FrameKey) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, frameKeyMask) }

// MarshalText keeps the key out of JSON.
func (FrameKey) MarshalText() ([]byte, error) { return []byte(frameKeyMask), nil }

// Bytes gives the secret itself, for signing.
func (k FrameKey) Bytes() []byte { return k[:] }

// errFrameKey does not show what is stored.
var errFrameKey = errors.New("frame_keys: a stored key is not 64 hex digits: the store was altered; restore the table from a backup")

// FrameKeys gives a ledger's keys, that to sign with first; usually none or one.
func (s *Store) FrameKeys(ctx context.Context, ledger uint64) (out []FrameKey, err error) {
	var secrets []string
	var recorded []int64
	err = s.read(ctx, "frame_keys", []any{named("ledger", ledger)}, []column{textsOf(&secrets), int64s(&recorded)}, func(n int) error {
		for _, secret := range secrets[:n] {
			raw, err := hex.DecodeString(secret)
			if err != nil || len(raw) != len(FrameKey{}) {
				return errFrameKey
			}
			out = append(out, FrameKey(raw))
		}
		return nil
	})
	return out, err
}

// InsertFrameKey adds a key. Keys are never taken away: what was signed by one stays good.
func (s *Store) InsertFrameKey(ctx context.Context, ledger uint64, key FrameKey, nowMs int64) error {
	secrets, recorded := []string{hex.EncodeToString(key[:])}, []int64{nowMs}
	return s.insert(ctx, "frame_keys_insert", 1, ledgerOf(ledger, 1), textsOf(&secrets), int64s(&recorded))
}
