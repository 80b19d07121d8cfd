package ingest

import "unsafe"

const arenaChunk = 1 << 20 // bytes; a record's strings are at most 11 * 64

// arena holds the strings of one batch until the store has them. Chunks never move, so that strings may point into
// them; reset makes all of them invalid at once. One owner.
type arena struct {
	chunks [][]byte
	used   int // chunks in use; the last of them has room
}

// hold copies b and gives it as a string that is valid until reset. Empty is "".
func (a *arena) hold(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if a.used == 0 || len(a.chunks[a.used-1])+len(b) > arenaChunk {
		a.grow()
	}
	chunk := &a.chunks[a.used-1]
	at := len(*chunk)
	*chunk = append(*chunk, b...)
	return unsafe.String(&(*chunk)[at], len(b))
}

func (a *arena) grow() {
	if a.used == len(a.chunks) {
		a.chunks = append(a.chunks, make([]byte, 0, arenaChunk))
	}
	a.chunks[a.used] = a.chunks[a.used][:0]
	a.used++
}

// reset frees all strings. The chunks stay for the next batch.
func (a *arena) reset() { a.used = 0 }
