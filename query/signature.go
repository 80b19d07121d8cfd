package query

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"festival/sql"
)

// How a record of the frames topic proves that a process which may write the ledger's store has made it. Its signature is
// the name of a key and HMAC-SHA256 (RFC 2104) under it over ledger and record, in hex with a colon between. The keys are
// in the store (table frame_keys) and only ever added to; whoever signs has read its key back from there before. So whoever
// meets a name that it does not know finds the key in the store now, or nobody may sign by it: two serves that start together
// and make a key each, whatever their clocks say, hold each other's records for good, and all readers decide alike.

// keyring are the keys of a ledger, by name. It is replaced, never changed.
type keyring struct {
	ledger [32]byte
	first  sql.FrameKey // signs
	named  map[string]sql.FrameKey
}

func newKeyring(ledger [32]byte, keys []sql.FrameKey) *keyring {
	k := &keyring{ledger: ledger, named: map[string]sql.FrameKey{}}
	for i, key := range keys {
		if i == 0 {
			k.first = key
		}
		k.named[keyName(key)] = key
	}
	return k
}

// keyName tells a key from others and tells nothing about it.
func keyName(key sql.FrameKey) string {
	sum := sha256.Sum256(append([]byte("festival frame key "), key.Bytes()...))
	return hex.EncodeToString(sum[:8])
}

func (k *keyring) sign(record []byte) []byte {
	return []byte(keyName(k.first) + ":" + hex.EncodeToString(k.mac(k.first, record)))
}

func (k *keyring) mac(key sql.FrameKey, record []byte) []byte {
	h := hmac.New(sha256.New, key.Bytes())
	h.Write([]byte("festival frame 1 ")) // the key signs nothing else, and never will under this name
	h.Write(k.ledger[:])
	h.Write(record)
	return h.Sum(nil)
}

// check says whether a record is signed by one of the keys: official, unsigned, forged, or unknownKey.
func (k *keyring) check(record, signature []byte) verdict {
	if len(signature) == 0 {
		return unsigned
	}
	name, mac, _ := bytes.Cut(signature, []byte(":"))
	raw, err := hex.DecodeString(string(mac))
	if err != nil || len(name) != 16 || len(raw) != sha256.Size {
		return forged
	}
	key, ok := k.named[string(name)]
	switch {
	case !ok:
		return unknownKey
	case !hmac.Equal(raw, k.mac(key, record)):
		return forged
	}
	return official
}

// firstKeys reads the ledger's keys, and makes the first one where there is none. Another serve may make one at the same
// time: all that come back are good.
func (p *publisher) firstKeys(ctx context.Context) (*keyring, error) {
	keys, err := p.readKeys(ctx)
	if err != nil || len(keys.named) > 0 {
		return keys, err
	}
	var key sql.FrameKey
	rand.Read(key[:]) // never fails (crypto/rand)
	if err := p.cfg.Store.InsertFrameKey(ctx, p.cfg.prefix(), key, p.cfg.Clock().UnixMilli()); err != nil {
		return nil, err
	}
	if keys, err = p.readKeys(ctx); err == nil && len(keys.named) == 0 {
		err = errors.New("frame_keys: a key was stored and is not there: several stores behind one address?")
	}
	return keys, err
}

// readKeys reads the ledger's keys.
func (p *publisher) readKeys(ctx context.Context) (*keyring, error) {
	ctx, cancel := context.WithTimeout(ctx, keepWithin)
	defer cancel()
	keys, err := p.cfg.Store.FrameKeys(ctx, p.cfg.prefix())
	if err != nil {
		return nil, err
	}
	return newKeyring(p.cfg.Ledger, keys), nil
}
