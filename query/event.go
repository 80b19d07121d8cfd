package query

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/klauspost/compress/flate"
)

// event is one frame as it is shown, with the bytes of every way to send it, made once. It is never changed after
// newEvent; any number of viewers send the same slices.
type event struct {
	id       string // seq, or seq.n of a live frame
	official bool
	second   int64  // Unix second
	etag     string // quoted hash, or quoted id of a live frame
	body     []byte // the frame's JSON, as /api/v1/frame answers it
	total    []byte // the compact view's JSON
	full     sent
	compact  sent
}

// sent are the bytes of one server-sent event.
type sent struct {
	wire   []byte
	packed []byte // wire, deflated for a gzip stream
}

// bytes gives what a viewer gets.
func (e *event) bytes(f form) []byte {
	s := &e.full
	if f.total {
		s = &e.compact
	}
	return pick(f.packed, s.wire, s.packed)
}

// newEvent makes the bytes of a frame. JSON has no raw line feed, so one data line holds it.
func (p *packer) newEvent(id, hash string, official bool, second int64, body []byte) *event {
	tag := hash
	if !official {
		tag = id
	}
	e := &event{id: id, official: official, second: second, etag: strconv.Quote(tag), body: body, total: totalView(body)}
	e.full, e.compact = p.sent(id, body), p.sent(id, e.total)
	return e
}

func (p *packer) sent(id string, body []byte) sent {
	wire := fmt.Appendf(make([]byte, 0, len(body)+len(id)+32), "event: frame\nid: %s\ndata: %s\n\n", id, body)
	return sent{wire, p.pack(wire)}
}

// packer deflates each event by itself, so that one packed form fits every connection at every moment: no
// back-reference leaves the event, and a sync flush ends it on a byte boundary (notes/wall.md §4). One goroutine at a
// time uses a packer.
type packer struct {
	buf bytes.Buffer
	w   *flate.Writer
}

// packLevel: a frame with every country, province and 60 flows has 34.6 kB and packs to 10.0 kB; level 1 gives 10.2,
// level 6 gives 9.7 for twice the time (go test -bench Event).
const packLevel = 3

func newPacker() (*packer, error) {
	p := &packer{}
	w, err := flate.NewWriter(&p.buf, packLevel)
	if err != nil {
		return nil, fmt.Errorf("deflate writer: %w", err)
	}
	p.w = w
	return p, nil
}

func (p *packer) pack(plain []byte) []byte {
	p.buf.Reset()
	p.w.Reset(&p.buf)
	p.w.Write(plain) // a bytes.Buffer takes every write
	p.w.Flush()
	return bytes.Clone(p.buf.Bytes())
}

// gzipHeader opens a gzip stream (RFC 1952 §2.3: deflate, no name, no time, unknown system). It is sent once a
// connection; the events' deflate blocks follow, and the stream is never closed.
var gzipHeader = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}

// storedBlock is up to 65,535 bytes as a stored deflate block (RFC 1951 §3.2.4: not final, length, its complement, bytes)
// and an empty one, as a sync flush ends: readers hand on what came before it.
func storedBlock(plain []byte) []byte {
	n := uint16(len(plain))
	out := binary.LittleEndian.AppendUint16(make([]byte, 1, len(plain)+10), n)
	out = append(binary.LittleEndian.AppendUint16(out, ^n), plain...)
	return append(out, 0, 0, 0, 0xff, 0xff)
}
