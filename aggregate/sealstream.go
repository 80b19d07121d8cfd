package aggregate

import "fmt"

// SealStream seals cells that come one by one in the canonical order, each identity once: for more cells than memory
// should hold. It is how a closing seal is made (docs/definitions.md, "closing").
type SealStream struct {
	seal  Seal
	w     sealer
	last  Cell
	begun bool
}

// NewSealStream begins a seal; partition, segment, first, end and prev are the caller's, as for SealCells.
func NewSealStream(s Seal, ledger [32]byte) *SealStream {
	stream := &SealStream{seal: s}
	stream.w.start(&stream.seal, ledger)
	return stream
}

// Add takes the next cell. Zero cells are left out; an error names a cell that is not after the one before.
func (s *SealStream) Add(c Cell) error {
	if s.begun && compareCells(s.last, c) >= 0 {
		return fmt.Errorf("seal: cell %s %q bucket %d of window %d is not after the one before", c.Dim, c.Key, c.Bucket, c.Window)
	}
	s.last, s.begun = c, true
	if !c.M.IsZero() {
		s.w.line(c.Window, c.Dim, []byte(c.Key), c.Bucket, c.M)
		s.seal.Cells++
	}
	return nil
}

// Sum ends the stream and gives the seal, Cells and Hash filled in.
func (s *SealStream) Sum() Seal {
	s.seal.Hash = s.w.sum()
	return s.seal
}
