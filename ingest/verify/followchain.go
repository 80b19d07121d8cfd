package verify

import (
	"context"
	"slices"
	"time"

	"festival/aggregate/recount"
	"festival/sql"
)

const (
	maxPast     = 128             // compared frames that are looked at again at the end
	beyondPast  = 600             // seconds of the chain behind the newest of them that are looked at then too
	endTimeout  = 3 * time.Second // for that last look: whoever asked it to end is waiting
	askedBefore = "another one was compared"
)

// remember keeps a compared frame, so that it is seen when it is altered afterwards.
func (f *follower) remember(row sql.FrameRow) {
	if f.past = append(f.past, link{second: row.Second, seq: row.Seq, hash: row.Hash}); len(f.past) > maxPast {
		f.past = slices.Delete(f.past, 0, 1)
	}
}

// checkPast reads the chain again from the n-th newest of the compared frames up to a second: every frame's hash is that of
// its bytes, it follows the one before, and the compared ones are what they were. What differs is read twice, so that
// no change of the store in between is told.
func (f *follower) checkPast(ctx context.Context, n int, to int64) error {
	past := f.past[max(0, len(f.past)-n):]
	if len(past) == 0 {
		return nil
	}
	found, err := f.walk(ctx, past, to)
	if err != nil || len(found) == 0 || !pause(ctx, frameWait) {
		return err
	}
	again, err := f.walk(ctx, past, to)
	for _, d := range again {
		if !slices.Contains(found, d) || f.told[d] {
			continue
		}
		if f.told == nil {
			f.told = map[Difference]bool{}
		}
		if f.found.add(d); len(f.told) < maxDifferences {
			f.told[d] = true
		}
	}
	return err
}

// walk goes over the stored frames of the seconds [that of past[0], to].
func (f *follower) walk(ctx context.Context, past []link, to int64) (found []Difference, err error) {
	var last link
	err = f.Store.Frames(ctx, f.Ledger.Prefix, "", past[0].second, to+1, func(row sql.FrameRow) error {
		where := frameName(row.Second, row.Seq)
		for ; len(past) > 0 && past[0].second < row.Second; past = past[1:] {
			found = append(found, gone(past[0]))
		}
		if len(past) > 0 && past[0].second == row.Second {
			if past[0].hash != row.Hash {
				found = append(found, Difference{"frame", where, "hash " + row.Hash, askedBefore + ": hash " + past[0].hash})
			}
			past = past[1:]
		}
		shown, problem := recount.ReadFrame([]byte(row.JSON))
		if problem != nil {
			found, last = append(found, Difference{"frame", where, problem.Error(), "a frame"}), link{hash: row.Hash}
			return nil
		}
		if last.hash == "" {
			last.hash = shown.Text("prev")
		}
		c := f.checkLink(shown, row, &last)
		for i := range c.stored {
			found = append(found, Difference{"frame", where, c.stored[i], c.recounted[i]})
		}
		return nil
	})
	for _, p := range past {
		found = append(found, gone(p))
	}
	return found, err
}

func gone(p link) Difference {
	return Difference{"frame", frameName(p.second, p.seq), nothing, askedBefore + ": hash " + p.hash}
}

// checkEnd looks once more at what was compared, when it was asked to end. A store that is away by then is not waited for.
func (f *follower) checkEnd(ended context.Context) {
	if ended.Err() == nil || len(f.past) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ended), endTimeout)
	defer cancel()
	f.found.take() // of a frame that was not finished
	newest := f.past[len(f.past)-1]
	if err := f.checkPast(ctx, maxPast, newest.second+beyondPast); err == nil && f.found.len() > 0 {
		f.record(ctx, sql.FrameRow{Second: newest.second, Seq: newest.seq, Hash: newest.hash})
	}
}
