package aggregate

import (
	"fmt"
	"maps"
	"math/rand"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The model of DESIGN.md §2 with the real core and board (after notes/segments_model.py): one partition, several
// writers of which all but one are zombies, crashes, duplicates, late and rejected records, gaps in the offsets. At
// every moment the store is exactly the prefix up to its progress, and so is the board that tails it.

const histories = 400

func TestHistories(t *testing.T) {
	seed := time.Now().UnixNano()
	if s := os.Getenv("FESTIVAL_SEED"); s != "" {
		seed, _ = strconv.ParseInt(s, 10, 64)
	}
	t.Logf("FESTIVAL_SEED=%d", seed)
	rules, n := testRules(t), int64(histories)
	if raceBuild {
		n /= 20
	}
	for i := range n {
		newWorld(t, rules, seed+i).run()
	}
}

// randomLog is a log that begins at start.
func randomLog(rnd *rand.Rand, rules *Rules, start int64, records int) []record {
	var log []record
	for offset := start; len(log) < records; offset++ {
		if rnd.Intn(10) == 0 {
			offset += rnd.Int63n(40) // a gap, at times of whole segments
		}
		r := record{offset: offset, kafkaMs: dayMs + rnd.Int63n(700_000) - 50_000, keyOK: rnd.Intn(8) > 0, rehearsal: rnd.Intn(9) == 0}
		if rnd.Intn(15) == 0 {
			r.kafkaMs = rnd.Int63n(2) - 1
		}
		if reasons := allReasons(); rnd.Intn(10) == 0 {
			r.reason = reasons[rnd.Intn(len(reasons))]
		} else {
			r.order = randomOrder(rnd, rules)
		}
		log = append(log, r)
	}
	return log
}

func randomOrder(rnd *rand.Rand, rules *Rules) *Order {
	code := func(s *Set) uint8 { return uint8(rnd.Intn(s.Len())) }
	o := &Order{OrderID: fmt.Appendf(nil, "o%d", rnd.Intn(60)), MerchantID: fmt.Appendf(nil, "merchant%d", rnd.Intn(9)),
		Status: Status(1 + rnd.Intn(3)), AmountMinor: 1 + rnd.Int63n(100_000), Currency: uint8(rnd.Intn(len(rules.Rates))),
		Province: code(Provinces), Device: code(Devices), Channel: code(Channels), Marketplace: code(rules.Marketplaces),
		Category: code(rules.Categories), BuyerCountry: uint8(rnd.Intn(5)), MerchantCountry: uint8(rnd.Intn(3))}
	ms := dayMs - 20_000 + rnd.Int63n(650_000)
	o.CreatedMs, o.PaidMs, o.RefundedMs = ms, ms+rnd.Int63n(9000), ms+rnd.Int63n(90_000)
	if rnd.Intn(3) > 0 {
		o.RefundID = fmt.Appendf(nil, "r%d", rnd.Intn(3))
	}
	if cities := []string{"330100", "000001", "CNSHA", "USNY2", "US2NY"}; rnd.Intn(4) > 0 {
		o.City = []byte(cities[rnd.Intn(len(cities))])
	}
	return o
}

// world is the log, what survives (the store), the writers, and a board.
type world struct {
	*testing.T
	rnd      *rand.Rand
	rules    *Rules
	ledger   [32]byte
	log      []record
	start    int64
	end      int64 // of the log
	raw      map[int64]*Order
	cells    map[naiveID]Cell
	progress Progress
	seals    map[int64]Seal
	writers  []*writer
	board    *Board
	old      []Update // of earlier reads, to be repeated
	seed     int64
	verdicts []Verdict // of the whole log
	truths   map[int64]*naive
}

func newWorld(t *testing.T, rules *Rules, seed int64) *world {
	w := &world{T: t, seed: seed, rnd: rand.New(rand.NewSource(seed)), rules: rules, ledger: [32]byte{1, 2, 3},
		raw: map[int64]*Order{}, cells: map[naiveID]Cell{}, progress: Progress{Next: -1}, seals: map[int64]Seal{}}
	w.start = w.rnd.Int63n(50)
	w.log = randomLog(w.rnd, rules, w.start, 120)
	w.end = w.log[len(w.log)-1].offset + 1 + w.rnd.Int63n(40) // control records at the end
	w.truths, w.verdicts = map[int64]*naive{}, naivePrefix(rules, w.log, w.end).verdicts
	w.board = w.newBoard()
	return w
}

func (w *world) newBoard() *Board {
	return NewBoard(BoardConfig{Rules: w.rules, Ledger: w.ledger, Partitions: 1, LatenessMs: 2000, Zone: time.UTC,
		ThresholdsFen: []int64{1, 5_000_000, 1 << 50}})
}

// truth is the naive count of the log up to an offset.
func (w *world) truth(upto int64) *naive {
	if w.truths[upto] == nil {
		w.truths[upto] = naivePrefix(w.rules, w.log, upto)
	}
	return w.truths[upto]
}

func (w *world) run() {
	segments := w.end / w.rules.Stride // complete ones have numbers below
	for steps := 0; ; steps++ {
		require.Less(w, steps, 50_000, "seed %d: stuck", w.seed)
		if w.progress.Next == w.end && int64(len(w.seals)) == segments-w.start/w.rules.Stride {
			break
		}
		if len(w.writers) == 0 || len(w.writers) < 4 && w.rnd.Float64() < 0.03 {
			w.writers = append(w.writers, w.takeover())
		}
		if len(w.writers) > 1 && w.rnd.Float64() < 0.015 {
			i := w.rnd.Intn(len(w.writers)) // kill -9
			w.writers = append(w.writers[:i], w.writers[i+1:]...)
		}
		w.writers[w.rnd.Intn(len(w.writers))].step()
		if w.rnd.Intn(4) == 0 {
			w.tail()
		}
		if w.rnd.Intn(40) == 0 {
			w.board = w.reload()
		}
	}
	w.tail()
	w.compareStore()
	w.compareBoard()
}

// writer is one process with the partition, or a zombie that thinks so.
type writer struct {
	*world
	core  *Core
	read  int // index into the log
	next  int64
	u     Update
	raws  map[int64]*Order
	seals []Seal
	state int // 0 reading, 1 raw rows to be stored, 2 cells, 3 seals
}

func (w *world) takeover() *writer {
	segment := w.start / w.rules.Stride
	c := CoreConfig{Rules: w.rules, Ledger: w.ledger, Start: w.start, LogStart: w.start, Set: NewFingerprints(0)}
	for s, ok := w.seals[segment]; ok; s, ok = w.seals[segment] {
		c.Start, c.PrevSeal, c.LastMs, c.MaxEventMs = s.End, s.Hash, s.LastMs, s.MaxEventMs
		segment++
	}
	for offset, o := range w.raw {
		if offset < c.Start {
			require.NoError(w, c.Set.AddBatch([]string{string(o.OrderID)}, []uint8{uint8(o.Status)}, []string{string(o.RefundID)}))
		}
	}
	out := &writer{world: w, core: NewCore(c), next: c.Start, raws: map[int64]*Order{}}
	for out.read < len(w.log) && w.log[out.read].offset < c.Start {
		out.read++
	}
	return out
}

func (w *writer) step() {
	if w.state == 0 {
		w.fetch()
		return
	}
	switch w.state {
	case 1:
		maps.Copy(w.raw, w.raws)
		clear(w.raws)
	case 2:
		w.store(w.u)
		w.u = Update{}
		w.compareStore()
	case 3:
		w.seal()
		w.seals = nil
	}
	w.state = (w.state + 1) % 4
}

// fetch counts some records; then the flush begins with a drain.
func (w *writer) fetch() {
	for range 1 + w.rnd.Intn(40) {
		if w.read == len(w.log) {
			w.next = w.end
			break
		}
		w.count(w.log[w.read])
		w.read++
	}
	if w.rnd.Float64() < 0.6 || w.next == w.end {
		w.seals = w.core.Drain(w.next, Tail{BaseOffset: w.next - 1}, &w.u, w.seals)
		w.state = 1
	}
}

func (w *writer) count(r record) {
	w.next = r.offset + 1
	if r.order == nil {
		require.NoError(w, w.core.Reject(r.reason, r.offset, r.kafkaMs, r.rehearsal))
		return
	}
	verdict, fen, err := w.core.Count(r.order, r.offset, r.kafkaMs, r.keyOK, r.rehearsal)
	require.NoError(w, err)
	require.Equal(w, naiveFen(w.rules, r.order.AmountMinor, r.order.Currency), fen)
	require.Equal(w, w.verdicts[w.read], verdict, "seed %d offset %d", w.seed, r.offset)
	w.raws[r.offset] = r.order
}

// store is the insert of one block: the higher revision wins, equal ones must be equal.
func (w *world) store(u Update) {
	for _, c := range u.Cells {
		id := naiveID{c.Window, c.Dim, c.Segment, c.Bucket, c.Key}
		old, ok := w.cells[id]
		if ok && old.Revision == c.Revision {
			require.Equal(w, old, c, "seed %d", w.seed)
		}
		if !ok || c.Revision >= old.Revision {
			w.cells[id] = c
		}
	}
	for _, p := range u.Progress {
		if p.Next >= w.progress.Next {
			w.progress = p
		}
	}
}

// seal stores seals, each after the one before it; whoever computed it, it is the same.
func (w *writer) seal() {
	for _, s := range w.seals {
		if old, ok := w.world.seals[s.Segment]; ok {
			require.Equal(w, old, s, "seed %d", w.seed)
		}
		if before, ok := w.world.seals[s.Segment-1]; ok {
			require.Equal(w, before.Hash, s.Prev)
		} else if s.Segment != w.start/w.rules.Stride {
			continue
		}
		w.world.seals[s.Segment] = s
		w.checkSeal(s)
	}
}

// checkSeal seals the stored cells of the segment again.
func (w *world) checkSeal(s Seal) {
	var cells []Cell
	for id, c := range w.cells {
		if id.segment == s.Segment {
			cells = append(cells, c)
		}
	}
	again := s
	again.Hash, again.Cells = [32]byte{}, 0
	require.Equal(w, s, SealCells(again, w.ledger, cells), "seed %d", w.seed)
	truth := w.truth(s.End)
	require.Equal(w, truth.lastMs, s.LastMs)
	require.Equal(w, truth.maxEventMs, s.MaxEventMs)
}

func (w *world) compareStore() {
	truth := w.truth(w.progress.Next)
	visible := map[naiveID]Measures{}
	for id, c := range w.cells {
		visible[id] = c.M
		require.LessOrEqual(w, c.Revision, (c.Segment+1)*w.rules.Stride)
	}
	require.Equal(w, truth.cells, visible, "seed %d", w.seed)
	require.Equal(w, truth.lastMs, w.progress.LastMs)
	require.Equal(w, truth.maxEventMs, w.progress.MaxEventMs)
}
