package ingest

import (
	"context"
	"time"

	"festival/sql"
)

// signed are the sign-offs of one partition, in the order in which they were made (docs/definitions.md, accepted gaps).
type signed []sql.Signoff

func (p *partition) readSigned(asked *survey) (signed, error) {
	all, err := asked.signoffs()
	if err != nil {
		return nil, err
	}
	mine := signed{}
	for _, s := range all {
		if s.Partition == p.id {
			mine = append(mine, s)
		}
	}
	return mine, nil
}

// watchSigned tells the partitions how many sign-offs there are. Where the store does not answer, nothing is stored either.
func (in *Ingest) watchSigned(ctx context.Context, parts []*partition) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	all, err := in.cfg.Store.Signoffs(ctx, in.cfg.Ledger.Prefix)
	if err != nil {
		return
	}
	counts := map[int32]int64{}
	for _, s := range all {
		counts[s.Partition]++
	}
	for _, p := range parts {
		p.signoffs.Store(counts[p.id])
	}
}

// era is that of the partition's progress.
func (s signed) era() uint8 { return s.eraOf(1<<63 - 1) }

// eraOf is the era of a segment's cells and seal: the number of gaps that begin in it or before.
func (s signed) eraOf(segment int64) (n uint8) {
	for _, one := range s {
		if one.Kind == sql.SignoffGap && one.Segment <= segment {
			n++
		}
	}
	return n
}

// lost is the number of offsets in accepted gaps.
func (s signed) lost() (n int64) {
	for _, one := range s {
		if one.Kind == sql.SignoffGap {
			n += one.End - one.First
		}
	}
	return n
}

// floor is where the topic's log is read from, for a segment that begins at start: raw rows stand for what is before. Behind an
// accepted gap they always do; else only where the log begins later and a recount was signed off.
func (s signed) floor(start, logStart int64) int64 {
	from := start
	for _, one := range s {
		if one.Kind == sql.SignoffGap {
			from = max(from, one.End)
		}
	}
	for _, one := range s {
		if one.Kind == sql.SignoffRecount && from < logStart && one.First <= from {
			from = max(from, one.End)
		}
	}
	return from
}
