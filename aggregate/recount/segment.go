package recount

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sort"
	"strconv"
)

// Segment is a stretch of a partition's log with its cells. Seal fields of an open segment are zero.
type Segment struct {
	Segment    int64
	First      int64 // the first offset that the recount reads in it
	End        int64 // first offset after the segment, (Segment+1) * stride
	Cells      map[CellKey]Measures
	LastMs     int64 // Progress.LastMs at End
	MaxEventMs int64 // Progress.MaxEventMs at End
	Prev       [32]byte
	Hash       [32]byte
}

// Finished hands over the segments finished since the call before, in order.
func (p *Partition) Finished() []Segment {
	done := p.finished
	p.finished = nil
	return done
}

// Open gives the open segment as of the progress. Its cells are a copy.
func (p *Partition) Open() Segment {
	return Segment{Segment: p.segment, First: max(p.segment*p.rules.Stride, p.start),
		End: (p.segment + 1) * p.rules.Stride, Cells: p.counts.cells(), LastMs: p.progress.LastMs,
		MaxEventMs: p.progress.MaxEventMs}
}

// finish seals the open segment and opens the next one.
func (p *Partition) finish() {
	s := p.Open()
	s.Prev = p.prev
	s.Hash = sha256.Sum256(p.sealText(&s))
	p.finished = append(p.finished, s)
	p.prev, p.segment = s.Hash, p.segment+1
	p.counts.next()
}

// sealText is the text that a seal hashes (docs/definitions.md, seal).
func (p *Partition) sealText(s *Segment) []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "festival-seal 1\nprev %x\nledger %x\npartition %d\nsegment %d\noffsets %d %d\n",
		s.Prev, p.rules.Ledger, p.partition, s.Segment, s.First, s.End)
	for _, k := range sorted(s.Cells) {
		text.Write(k.line(s.Cells[k]))
	}
	return text.Bytes()
}

// line is a cell as seals and digests have it: window, dimension, key in hex, bucket and measures, with tabs between
// and a line feed at the end.
func (k CellKey) line(m Measures) []byte {
	line := strconv.AppendInt(nil, int64(k.Window), 10)
	line = append(append(line, '\t'), dimName[k.Dim]...)
	line = hex.AppendEncode(append(line, '\t'), []byte(k.Key))
	line = strconv.AppendInt(append(line, '\t'), k.Bucket, 10)
	for _, v := range m.List() {
		line = strconv.AppendInt(append(line, '\t'), v, 10)
	}
	return append(line, '\n')
}

// Digest is a sum over a segment's cells that a store can make too, so that cells need not be carried to be compared:
// of the SHA-256 of each cell's line in the seal's text, the first 16 bytes as two little-endian numbers, added up
// modulo 2^64. Zero cells are left out.
type Digest struct {
	Cells int64
	Sums  [2]uint64
}

// Digest sums up the cells.
func (s *Segment) Digest() (d Digest) {
	for k, m := range s.Cells {
		if m == (Measures{}) {
			continue
		}
		sum := sha256.Sum256(k.line(m))
		d.Cells++
		d.Sums[0] += binary.LittleEndian.Uint64(sum[:8])
		d.Sums[1] += binary.LittleEndian.Uint64(sum[8:16])
	}
	return d
}

// sorted gives the keys of non-zero cells in canonical order: window, dimension number, key bytes, bucket.
func sorted(cells map[CellKey]Measures) []CellKey {
	list := make([]CellKey, 0, len(cells))
	for k, m := range cells {
		if m != (Measures{}) {
			list = append(list, k)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].before(list[j]) })
	return list
}

func (k CellKey) before(l CellKey) bool {
	switch {
	case k.Window != l.Window:
		return k.Window < l.Window
	case k.Dim != l.Dim:
		return k.Dim < l.Dim
	case k.Key != l.Key:
		return k.Key < l.Key
	}
	return k.Bucket < l.Bucket
}
