package aggregate

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
)

// tail is one SELECT of a board: rows past a position, with the progress. At times an older answer comes again,
// or the answer comes twice, or with more rows than are new.
func (w *world) tail() {
	if w.progress.Next < 0 {
		return
	}
	u := w.rowsPast(w.position() - w.rnd.Int63n(2)*w.rnd.Int63n(30))
	w.old = append(w.old, u)
	if w.rnd.Intn(3) == 0 {
		w.fold(w.old[w.rnd.Intn(len(w.old))])
	}
	for range 1 + w.rnd.Intn(2) {
		w.fold(u)
		w.compareBoard()
	}
}

func (w *world) fold(u Update) {
	require.NoError(w, w.board.Fold(u), "seed %d", w.seed)
}

func (w *world) position() int64 {
	if next, ok := w.board.Positions()[0]; ok {
		return next
	}
	return -1
}

func (w *world) rowsPast(revision int64) Update {
	u := Update{Progress: []Progress{w.progress}}
	for _, c := range w.cells {
		if c.Revision > revision {
			u.Cells = append(u.Cells, c)
		}
	}
	return u
}

// reload makes a board as at a start: sums of finished segments, then the tail past the open segment's start.
func (w *world) reload() *Board {
	b := w.newBoard()
	if w.progress.Next < 0 {
		return b
	}
	open := w.progress.Next / w.rules.Stride * w.rules.Stride
	sums := map[naiveID]Measures{}
	for id, c := range w.cells {
		if (id.segment+1)*w.rules.Stride <= w.progress.Next {
			id.segment = -1
			sums[id], _ = sums[id].Add(c.M)
		}
	}
	var cells []Cell
	for id, m := range sums {
		cells = append(cells, Cell{Window: id.window, Dim: id.dim, Segment: -1, Bucket: id.bucket, Key: id.key, M: m})
	}
	require.NoError(w, b.Load(cells))
	b.SetPosition(0, max(open, w.start))
	w.old = nil // older answers than the load were asked for past an earlier position; they may still come
	require.NoError(w, b.Fold(w.rowsPast(max(open, w.start))))
	return b
}

// compareBoard holds the board's frame against the prefix of the log at the frame's position.
func (w *world) compareBoard() {
	position := w.position()
	if position < 0 {
		return
	}
	truth := w.truth(position)
	w.board.Pulse(Pulse{StableEnd: position + 1, HighWatermark: position + 1, AtMs: lastMs})
	f, err := w.board.Frame(lastMs, FrameState{Second: lastMs, Certainty: "provisional"})
	require.NoError(w, err, "seed %d", w.seed)
	w.requireBalance(f)
	require.Equal(w, truth.total(-1), whole(f.Total, f.Mobile), "seed %d", w.seed)
	require.Equal(w, truth.countries(-1), f.Countries, "seed %d", w.seed)
	require.Equal(w, truth.shares(-1, DimDevice), f.Devices)
	require.Equal(w, truth.shares(-1, DimProvince), f.Provinces)
	require.Equal(w, truth.shares(-1, DimFlow), f.Flows)
	for i, window := range w.rules.Windows {
		one, ok := f.OfWindow(window.ID)
		require.True(w, ok)
		w.requireBalance(one)
		require.Equal(w, truth.total(i), whole(one.Total, one.Mobile), "seed %d", w.seed)
		require.Equal(w, truth.countries(i), one.Countries)
		require.Equal(w, truth.shares(i, DimFlow), one.Flows)
		require.Equal(w, truth.milestones(i, w.board.config.ThresholdsFen), w.board.Milestones(uint8(i)), "seed %d", w.seed)
		w.comparePeaks(truth, i)
	}
	w.compareRest(f, truth)
}

// requireBalance: whoever reads the frame finds it balanced, as it stands and after one of its figures is changed not.
func (w *world) requireBalance(f *Frame) {
	if w.rnd.Intn(16) > 0 { // reading JSON is slow beside the rest
		return
	}
	read := func() (g Frame) {
		require.NoError(w, json.Unmarshal(f.JSON(), &g))
		return g
	}
	g := read()
	require.NoError(w, g.Balance(), "seed %d", w.seed)
	changes := []func(*Frame){func(f *Frame) { f.Total.GmvFen++ }, func(f *Frame) { f.Total.Orders-- }, func(f *Frame) { f.Total.Refunds++ },
		func(f *Frame) { f.Total.NetFen++ }, func(f *Frame) { f.Mobile.GmvFen++ }, func(f *Frame) { f.Windows[0].Total.Created++ },
		func(f *Frame) { f.Countries = append(f.Countries, Country{Orders: 1}) },
		func(f *Frame) { // the sum is right
			f.Countries = append(f.Countries, Country{GmvFen: -5}, Country{GmvFen: 5})
		}}
	g = read()
	changes[w.rnd.Intn(len(changes))](&g)
	require.ErrorIs(w, g.Balance(), ErrUnbalanced, "seed %d", w.seed)
}

func (w *world) compareRest(f *Frame, truth *naive) {
	logs := map[string]int64{}
	var rejected int64
	for id, m := range truth.cells {
		if id.dim == DimLog {
			logs[id.key] += m.Orders
			if strings.HasPrefix(id.key, "rejected:") {
				rejected += m.Orders
			}
		}
	}
	require.Equal(w, []int64{logs["duplicates"], logs["outside"], logs["miskeyed"], rejected},
		[]int64{f.Total.Duplicates, f.Total.Outside, f.Total.Miskeyed, f.Total.Rejected})
	require.Equal(w, logs["rehearsal"] > 0, f.Rehearsal)
	for id, m := range truth.sums(-1, DimMerchant) {
		require.Equal(w, m, w.board.Merchant(id))
	}
	if truth.maxEventMs == 0 {
		require.Nil(w, f.Watermark)
		return
	}
	second := (truth.maxEventMs-2000)/1000 - 1
	if second < dayMs/1000 {
		require.Nil(w, f.Rate.OrdersPerS)
		return
	}
	var want Measures
	for id, m := range truth.cells {
		if id.dim == DimTotal && id.bucket == second {
			want, _ = want.Add(m)
		}
	}
	require.Equal(w, []int64{want.Orders, want.GmvFen, want.Created}, []int64{*f.Rate.OrdersPerS, *f.Rate.GmvFenPerS, *f.Rate.CreatedPerS})
}

// whole puts a total and its mobile part together again.
func whole(t Total, m Mobiles) Measures {
	return Measures{t.Orders, t.GmvFen, m.Orders, m.GmvFen, t.Created, t.Refunds, t.RefundFen}
}

// sums adds the cells of a dimension by key; window -1 is all.
func (n *naive) sums(window int, d Dim) map[string]Measures {
	out := map[string]Measures{}
	for id, m := range n.cells {
		if id.dim == d && (window < 0 || int(id.window) == window) {
			out[id.key], _ = out[id.key].Add(m)
		}
	}
	return out
}

func (n *naive) total(window int) Measures { return n.sums(window, DimTotal)[""] }

func (n *naive) countries(window int) []Country {
	out := []Country{}
	for key, m := range n.sums(window, DimCountry) {
		if m.Orders > 0 {
			out = append(out, Country{key, m.GmvFen, m.Orders, m.MobileGmvFen, m.MobileOrders})
		}
	}
	slices.SortFunc(out, func(a, b Country) int {
		if a.GmvFen != b.GmvFen {
			return int(b.GmvFen - a.GmvFen)
		}
		return strings.Compare(a.Key, b.Key)
	})
	return out
}

func (n *naive) shares(window int, d Dim) []Share {
	out := []Share{}
	for key, m := range n.sums(window, d) {
		if m.Orders > 0 {
			out = append(out, Share{key, m.GmvFen, m.Orders})
		}
	}
	slices.SortFunc(out, func(a, b Share) int {
		if a.GmvFen != b.GmvFen {
			return int(b.GmvFen - a.GmvFen)
		}
		return strings.Compare(a.Key, b.Key)
	})
	return out[:min(len(out), 60)]
}

// milestones adds second after second.
// comparePeaks holds a window's largest seconds against the events of the log.
func (w *world) comparePeaks(truth *naive, window int) {
	ms, ok := w.board.Watermark(lastMs)
	var want [2]Peak
	perSecond := map[int64][2]int64{}
	for id, c := range truth.cells {
		if id.dim == DimTotal && int(id.window) == window {
			at := perSecond[id.bucket]
			perSecond[id.bucket] = [2]int64{at[0] + c.Created, at[1] + c.Orders}
		}
	}
	for _, second := range slices.Sorted(maps.Keys(perSecond)) {
		for k, n := range perSecond[second] {
			if ok && second < ms/1000 && n > want[k].PerS {
				want[k] = Peak{n, second}
			}
		}
	}
	placed, paid := w.board.Peaks(uint8(window), lastMs)
	require.Equal(w, want, [2]Peak{placed, paid}, "seed %d", w.seed)
}

func (n *naive) milestones(window int, thresholds []int64) []Milestone {
	var out []Milestone
	bySecond := map[int64]int64{}
	for id, c := range n.cells {
		if id.dim == DimTotal && int(id.window) == window {
			bySecond[id.bucket] += c.GmvFen
		}
	}
	start := n.rules.Windows[window].StartMs / 1000
	for _, threshold := range thresholds {
		m := Milestone{ThresholdFen: threshold}
		var sum int64
		for s := start; s <= n.rules.Windows[window].EndMs/1000 && m.EventSecond == nil; s++ {
			if sum += bySecond[s]; sum >= threshold {
				second, since := s, s-start
				m.EventSecond, m.SinceStartS = &second, &since
			}
		}
		out = append(out, m)
	}
	return out
}
