package aggregate

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"unsafe"
)

// SealCells seals one complete segment given as cells in any order, without log cells of other segments: the same
// hash as the core's own, for whoever holds stored cells against a seal. Seal.Hash, Cells are what it fills; prev,
// partition, segment, first and end come from the caller. Zero cells are left out, progress is not among the cells.
func SealCells(s Seal, ledger [32]byte, cells []Cell) Seal {
	cells = slices.DeleteFunc(slices.Clone(cells), func(c Cell) bool { return c.M.IsZero() })
	slices.SortFunc(cells, compareCells)
	var w sealer
	w.start(&s, ledger)
	for i := range cells {
		c := &cells[i]
		w.line(c.Window, c.Dim, []byte(c.Key), c.Bucket, c.M)
	}
	s.Cells, s.Hash = int64(len(cells)), w.sum()
	return s
}

// compareCells is the canonical order: window, dimension, key bytes, bucket.
func compareCells(a, b Cell) int {
	return cmp.Or(cmp.Compare(a.Window, b.Window), cmp.Compare(a.Dim, b.Dim), cmp.Compare(a.Key, b.Key),
		cmp.Compare(a.Bucket, b.Bucket))
}

// sealer hashes the text of a seal (docs/definitions.md, "seal"). It is reused.
type sealer struct {
	hash  hash.Hash
	text  []byte
	order []sealKey
	spare []sealKey // for the sort
	ranks []uint32  // of merchants' names, by slot
	key   []byte
}

func (w *sealer) start(s *Seal, ledger [32]byte) {
	if w.hash == nil {
		w.hash = sha256.New()
	}
	w.hash.Reset()
	w.text = fmt.Appendf(w.text[:0], "festival-seal 1\nprev %x\nledger %x\npartition %d\nsegment %d\noffsets %d %d\n",
		s.Prev, ledger, s.Partition, s.Segment, s.First, s.End)
}

func (w *sealer) line(window uint8, d Dim, key []byte, bucket int64, m Measures) {
	b := strconv.AppendUint(w.text, uint64(window), 10)
	b = append(append(b, '\t'), d.String()...)
	b = hex.AppendEncode(append(b, '\t'), key)
	for _, v := range [...]int64{bucket, m.Orders, m.GmvFen, m.MobileOrders, m.MobileGmvFen, m.Created, m.Refunds, m.RefundFen} {
		b = strconv.AppendInt(append(b, '\t'), v, 10)
	}
	w.text = append(b, '\n')
	if len(w.text) >= 32<<10 {
		w.hash.Write(w.text)
		w.text = w.text[:0]
	}
}

func (w *sealer) sum() (out [32]byte) {
	w.hash.Write(w.text)
	w.hash.Sum(out[:0])
	return out
}

// segment hashes the cells of a segment, nil for one without records. No cell of a core is zero.
func (w *sealer) segment(s *segment, keys *keyring) {
	if s == nil {
		return
	}
	w.sortCells(s)
	for i, o := range w.order {
		prefetch(unsafe.Pointer(&s.cells[w.order[min(i+cellsAhead, len(w.order)-1)].slot]))
		c := &s.cells[o.slot]
		window, d := c.id.window(), c.id.dim()
		rank, since := c.id.rank()
		if d == DimMerchant {
			w.key = append(w.key[:0], s.name(c)...)
		} else {
			w.key = keys.appendKey(w.key[:0], d, rank)
		}
		w.line(window, d, w.key, keys.bucket(window, d, since), c.measures())
	}
}

// sortCells orders the cells by their packed ids, with the slots of merchants' cells replaced by the ranks of their
// names.
func (w *sealer) sortCells(s *segment) {
	w.rankMerchants(s)
	w.order = w.order[:0]
	for slot := range s.cells {
		id := s.cells[slot].id
		if id.dim() == DimMerchant {
			id = id&^(1<<dimShift-1) | packed(w.ranks[slot])
		}
		w.order = append(w.order, sealKey{uint64(id), uint32(slot)})
	}
	w.sort()
}

// rankMerchants gives every merchant's cell the rank of its name. A merchant has a cell in each window, with the same name.
func (w *sealer) rankMerchants(s *segment) {
	w.order = w.order[:0]
	for slot := range s.cells {
		if c := &s.cells[slot]; c.id.dim() == DimMerchant {
			w.order = append(w.order, sealKey{c.head, uint32(slot)})
		}
	}
	w.sort()
	sortNames(s, w.order)
	w.ranks = slices.Grow(w.ranks[:0], len(s.cells))[:len(s.cells)]
	for rank, n := range w.order {
		w.ranks[n.slot] = uint32(rank)
	}
}

// sort sorts the order by key.
func (w *sealer) sort() {
	n := len(w.order)
	w.spare = slices.Grow(w.spare[:0], n)[:n]
	if sorted := sortKeys(w.order, w.spare); n > 0 && &sorted[0] != &w.order[0] {
		w.order, w.spare = sorted, w.order
	}
}
