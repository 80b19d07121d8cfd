package verify

import (
	"context"
	"fmt"
	"math"
	"strings"

	"festival/aggregate/recount"
	"festival/sql"
)

// compare holds a frame's figures against the totals, which stand at its positions; its hash and links are checkPast's.
func (f *follower) compare(shown *recount.Frame, row sql.FrameRow, views map[string]sql.FrameRow) {
	where := frameName(row.Second, row.Seq)
	var c comparison
	positions := shown.Positions()
	if after := shown.After(); after != nil {
		positions = after
	}
	for _, t := range f.parts {
		if at := positions[fmt.Sprint(t.id)]; at < t.at.Load() && t.at.Load() > t.start {
			same(&c, fmt.Sprintf("position of partition %d", t.id), at, t.at.Load())
		}
	}
	f.run.differ(where, c)
	f.mismatches(where, shown, f.totals.Whole())
	f.afterClose(where, shown)
	for _, view := range f.frameViews()[1:] {
		one, there := views[view]
		f.windowFrame(where+" window "+view, view, shown, one, there, row.Hash)
	}
}

// compareSeals holds the seals of the segments that were finished since against the stored ones. One that is not stored
// yet waits: ingest writes it after the cells.
func (f *follower) compareSeals(ctx context.Context) error {
	for _, t := range f.parts {
		if len(t.seals) == 0 {
			continue
		}
		stored := map[int64]sql.SealRow{}
		newest := int64(-1)
		err := f.Store.Seals(ctx, f.Ledger.Prefix, t.id, t.seals[0].Segment, math.MaxInt64, func(row sql.SealRow) error {
			stored[row.Segment], newest = row, max(newest, row.Segment)
			return nil
		})
		if err != nil {
			return err
		}
		for len(t.seals) > 0 && t.seals[0].Segment <= newest {
			want := t.seals[0]
			if row, there := stored[want.Segment]; !there || row != want {
				text := nothing
				if there {
					text = sealText(row)
				}
				f.found.add(Difference{"seal", fmt.Sprintf("partition %d segment %d", t.id, want.Segment), text, sealText(want)})
			}
			t.seals = t.seals[1:]
		}
	}
	return nil
}

// maxDetail is how many differences a verification record tells of.
const maxDetail = 20

// record stores what came of a frame. It is asked for again until the store has it, always the same record.
func (f *follower) record(ctx context.Context, row sql.FrameRow) {
	differences, count := f.found.take()
	record := sql.VerificationRow{Second: row.Second, FrameHash: row.Hash, RecordedMs: f.follow.Clock().UnixMilli(), Source: FromKafka,
		Equal: count == 0, Detail: detail(differences, count)}
	for _, d := range differences {
		f.follow.Log.Error("DIFFERENT", "what", d.What, "where", d.Where, "stored", d.Stored, "recounted", d.Recounted)
	}
	stored := f.again(ctx, "the verification record", func(ctx context.Context) error {
		return f.Store.InsertVerification(ctx, f.Ledger.Prefix, record)
	})
	if !stored {
		return
	}
	ref := &FrameRef{Second: row.Second, Seq: row.Seq, Hash: row.Hash, Equal: record.Equal}
	if f.result.Frames++; record.Equal {
		f.result.Verified = ref
	} else {
		f.result.Wrong++
	}
	f.metrics.compared(ref)
	f.follow.Log.Info("official frame compared", "second", timeText(row.Second), "equal", record.Equal, "hash", row.Hash,
		"frames", f.result.Frames, "wrong", f.result.Wrong)
}

func detail(differences []Difference, count int64) string {
	if count == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d differences", count)
	for _, d := range differences[:min(len(differences), maxDetail)] {
		fmt.Fprintf(&b, "; %s %s: stored %s, recounted %s", d.What, d.Where, d.Stored, d.Recounted)
	}
	return b.String()
}
