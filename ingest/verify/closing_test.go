package verify_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/aggregate"
	"festival/ingest/verify"
	"festival/sql"
)

// close closes the festival as it is now: its board stands still, the other goes on. The document is written here from
// docs/definitions.md.
func (f *festival) close(t *testing.T) {
	f.closed, f.closeMs = f.newBoard(t), f.second(len(f.frames))*1000
	for _, u := range f.updates {
		require.NoError(t, f.closed.Fold(u))
	}
	f.frame(t)
	f.storeFrames(t)
	ctx, prefix := context.Background(), f.ledger.Prefix
	require.NoError(t, f.store.CutCells(ctx, prefix, f.closeMs))
	final := f.frames[len(f.frames)-1]
	c := sql.Closing{AtMs: f.closeMs, Who: "Lin Yue", Reason: "a test", Second: f.second(len(f.frames) - 1), FrameHash: *final.Hash,
		FrameJSON: string(final.JSON())}
	rejects := map[string]int64{}
	c.Seals = f.closingSeals(t, rejects)
	c.Document = f.document(t, final, &c, rejects)
	require.NoError(t, f.store.OfferClosing(ctx, prefix, c))
}

func (f *festival) closingSeals(t *testing.T, rejects map[string]int64) (seals []sql.SealRow) {
	ctx, prefix := context.Background(), f.ledger.Prefix
	id, err := hex.DecodeString(f.ledger.ID)
	require.NoError(t, err)
	var streams [partitions]*aggregate.SealStream
	progress, err := f.store.ClosingProgress(ctx, prefix, f.closeMs)
	require.NoError(t, err)
	heads, err := f.store.LastSeals(ctx, prefix, []int32{0, 1})
	require.NoError(t, err)
	for _, row := range progress {
		s := aggregate.Seal{Partition: row.Partition, Segment: row.Revision / stride, End: row.Revision, Prev: [32]byte(id), LastMs: row.M[3], MaxEventMs: row.M[4]}
		if head, ok := heads[row.Partition]; ok {
			s.Prev = head.Hash
		}
		streams[row.Partition] = aggregate.NewSealStream(s, [32]byte(id))
	}
	require.NoError(t, f.store.ClosingCells(ctx, prefix, f.closeMs, func(r sql.CellRow) error {
		if reason, ok := strings.CutPrefix(r.Key, "rejected:"); ok {
			rejects[reason] += r.M[0]
		}
		return streams[r.Partition].Add(aggregate.Cell{Window: r.Window, Dim: aggregate.Dim(r.Dim), Partition: r.Partition, Key: r.Key, Bucket: r.Bucket,
			M: aggregate.Measures{Orders: r.M[0], GmvFen: r.M[1], MobileOrders: r.M[2], MobileGmvFen: r.M[3], Created: r.M[4], Refunds: r.M[5], RefundFen: r.M[6]}})
	}))
	for _, s := range streams {
		seals = append(seals, sealRows([]aggregate.Seal{s.Sum()})...)
	}
	return seals
}

func (f *festival) document(t *testing.T, final *aggregate.Frame, c *sql.Closing, rejects map[string]int64) string {
	var frame, rules map[string]any
	require.NoError(t, json.Unmarshal(final.JSON(), &frame))
	require.NoError(t, json.Unmarshal([]byte(f.ledger.Document), &rules))
	var windows, parts []any
	for i, w := range f.rules.Windows {
		windows = append(windows, map[string]any{"id": w.ID, "start": rfc(w.StartMs), "end": rfc(w.EndMs), "total": closingTotal(final.Windows[i].Total),
			"mobile": final.Windows[i].Mobile})
	}
	for _, s := range c.Seals {
		var chain any
		if s.Segment > 0 {
			chain = map[string]any{"segment": s.Segment - 1, "end": s.Segment * stride, "hash": hex.EncodeToString(s.Prev[:])}
		}
		parts = append(parts, map[string]any{"partition": s.Partition, "log_start": 0, "position": s.End, "last_ms": s.LastMs, "max_event_ms": s.MaxEventMs,
			"stable_end": 0, "high_watermark": 0, "pulse_ms": 0, "stopped": "", "chain": chain, "seal": map[string]any{"segment": s.Segment, "first": 0,
				"end": s.End, "cells": s.Cells, "prev": hex.EncodeToString(s.Prev[:]), "hash": hex.EncodeToString(s.Hash[:])}})
	}
	unfinished := []string{}
	for i := range len(final.Incomplete) {
		unfinished = append(unfinished, fmt.Sprintf("partition %d", i))
	}
	for _, w := range f.rules.Windows {
		if mark, known := f.closed.Watermark(f.closeMs); !known || mark < w.EndMs {
			unfinished = append(unfinished, "window "+w.ID)
		}
	}
	document := map[string]any{"format": "festival-closing 1", "festival": "verify", "ledger": f.ledger.ID, "rules": rules, "closed_at": rfc(c.AtMs),
		"closed_ms": c.AtMs, "by": c.Who, "anyway": c.Reason, "unfinished": unfinished, "incomplete": frame["incomplete"], "watermark": frame["watermark"],
		"rehearsal": final.Rehearsal, "total": closingTotal(final.Total), "mobile": final.Mobile, "windows": windows, "devices": final.Devices,
		"countries": final.Countries, "provinces": final.Provinces, "rejects": rejects, "positions": final.Positions, "partitions": parts, "gaps": []any{},
		"frame": map[string]any{"second": final.Second, "seq": final.Seq, "prev": final.Prev, "hash": *final.Hash}}
	return signed(t, document)
}

// signed gives a document's bytes with the SHA-256 that fits them.
func signed(t *testing.T, document map[string]any) string {
	delete(document, "sha256")
	sum := sha256.Sum256(canonical(t, document))
	document["sha256"] = hex.EncodeToString(sum[:])
	return string(canonical(t, document))
}

func rfc(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }

func closingTotal(of aggregate.Total) map[string]any {
	return map[string]any{"gmv_fen": of.GmvFen, "gmv_usd_cents": of.GmvUsdCents, "orders": of.Orders, "created": of.Created, "refunds": of.Refunds,
		"refund_fen": of.RefundFen, "net_fen": of.NetFen, "duplicates": of.Duplicates, "rejected": of.Rejected, "outside": of.Outside, "miskeyed": of.Miskeyed}
}

func canonical(t *testing.T, document map[string]any) []byte {
	text, err := json.Marshal(document)
	require.NoError(t, err)
	text, err = aggregate.Canonical(text)
	require.NoError(t, err)
	return text
}

// TestClosed: frames of a closed festival show the figures of the close, and what came after is counted on exactly.
func TestClosed(t *testing.T) {
	f := newFestival(t, stride)
	f.grow(t, 400)
	f.close(t)
	f.grow(t, 300)
	w := f.follow(t)
	newest := f.grow(t, 300)
	last := f.frames[len(f.frames)-1]
	require.NotZero(t, last.Total.AfterClose)
	r := f.verify(t)
	require.False(t, r.Differs(), text(t, r))
	require.EqualValues(t, len(f.frames), r.Frames.Compared)
	w.await(newest - 1)
	require.False(t, w.end().Differs(), "%s", &w.log)
	f.forge(t, len(f.frames)-1, func(g *aggregate.Frame) { g.Total.AfterClose++ })
	f.exec(t, "ALTER TABLE verifications DELETE WHERE 1")
	w = f.follow(t, func(c *verify.FollowConfig) { c.Every = time.Second })
	w.await(f.second(len(f.frames) - 1))
	require.EqualValues(t, 1, w.end().Wrong, "%s", &w.log)
	require.Contains(t, w.log.String(), "total.after_close")
	f.forge(t, len(f.frames)-1, func(*aggregate.Frame) {})
	f.exec(t, "ALTER TABLE verifications DELETE WHERE 1") // which name the forged frame

	i := len(f.frames) - 2
	f.forge(t, i, func(g *aggregate.Frame) { g.Total.AfterCloseFen++ })
	r = f.verify(t)
	require.True(t, names(r, "frame", "total.after_close_fen"), text(t, r))
	f.forge(t, i, func(g *aggregate.Frame) { g.Total.Orders++ })
	r = f.verify(t)
	require.True(t, names(r, "frame", "total.orders"), text(t, r))
	f.forge(t, 0, func(*aggregate.Frame) {})
	f.keep(t)
	f.alterClosing(t)
	f.alterDocument(t)
	r = f.verify(t)
	require.False(t, r.Differs(), text(t, r))
	require.NotZero(t, r.Partitions[0].ClosingCells)
}

// alterClosing alters what a close stored: each thing is named.
func (f *festival) alterClosing(t *testing.T) {
	altered := []struct{ table, set, where, what, says string }{
		{"closing_cells", "gmv_fen = gmv_fen + 1", "dim = 'channel' AND key = 'online' AND partition = 1 AND window = 1", "closing cell", `partition 1 window day channel "online"`},
		{"closing_cells", "orders = orders + 1", "dim = 'log' AND key = 'duplicates' AND partition = 0", "closing cell", `partition 0 window none log "duplicates"`},
		{"closing_cells", "revision = revision + 1000000", "dim = 'device' AND key = 'app' AND partition = 0 AND window = 1", "closing cell", `partition 0 window day device "app"`},
		{"closing_cells", "mobile_gmv_fen = mobile_gmv_fen + 1", "dim = 'progress' AND partition = 1", "closing progress", "partition 1"},
		{"closing_seals", "cells = cells + 1", "partition = 0", "closing seal", "partition 0"},
		{"closing_seals", "hash = prev", "partition = 1", "closing seal", "partition 1"},
		{"closings", "frame_json = concat(frame_json, ' '), who = concat(who, 'x')", "1", "closing", "made at"},
		{"closings", "document = replaceOne(document, '\"orders\":', '\"orders\":1')", "1", "closing", "made at"},
	}
	for _, a := range altered {
		f.exec(t, "ALTER TABLE "+a.table+" UPDATE "+a.set+" WHERE "+a.where)
	}
	f.exec(t, "ALTER TABLE closing_cells DELETE WHERE dim = 'flow' AND partition = 0 AND key = 'CN>RU'")
	r := f.verify(t)
	for _, a := range altered {
		require.True(t, names(r, a.what, a.says), "%s %s: %s", a.table, a.set, text(t, r))
	}
	require.True(t, names(r, "closing cell", `partition 0 window day flow "CN>RU"`), text(t, r))
	for _, says := range []string{"frame's bytes", `by "Lin Yuex"`, "sha256 of the document"} {
		require.Contains(t, text(t, r), says)
	}
	f.closeAgain(t, "closing_cells", "closing_seals", "closings")

	f.exec(t, "TRUNCATE TABLE closing_cells")
	require.NoError(t, f.store.CutCells(context.Background(), f.ledger.Prefix, f.closeMs)) // of now: of too much
	f.exec(t, "TRUNCATE TABLE closing_seals")
	r = f.verify(t)
	require.True(t, names(r, "closing progress", "partition 0"), text(t, r))
	require.True(t, names(r, "closing seal", "partition 1"), text(t, r))
	f.closeAgain(t, "closing_cells", "closing_seals")
	f.exec(t, "TRUNCATE TABLE closings")
	r = f.verify(t)
	require.True(t, names(r, "closing", ""), text(t, r))
	f.closeAgain(t, "closings")
}

// keep copies what a close stored, and closeAgain brings it back.
func (f *festival) keep(t *testing.T) {
	for _, table := range []string{"closings", "closing_cells", "closing_seals"} {
		f.exec(t, "CREATE TABLE "+table+"_were AS "+table)
		f.exec(t, "INSERT INTO "+table+"_were SELECT * FROM "+table)
	}
}

func (f *festival) closeAgain(t *testing.T, tables ...string) {
	for _, table := range tables {
		f.exec(t, "TRUNCATE TABLE "+table)
		f.exec(t, "INSERT INTO "+table+" SELECT * FROM "+table+"_were")
	}
}

// alterDocument alters members of the document and gives it the SHA-256 that fits: only who recounts finds it.
func (f *festival) alterDocument(t *testing.T) {
	c, ok, err := f.store.Closing(context.Background(), f.ledger.Prefix)
	require.NoError(t, err)
	require.True(t, ok)
	inside := func(v any, path ...any) map[string]any {
		for _, p := range path {
			switch p := p.(type) {
			case string:
				v = v.(map[string]any)[p]
			case int:
				v = v.([]any)[p]
			}
		}
		return v.(map[string]any)
	}
	alterations := map[string]func(d map[string]any){
		"total.orders":              func(d map[string]any) { inside(d, "total")["orders"] = 1 },
		"mobile.share_gmv":          func(d map[string]any) { inside(d, "mobile")["share_gmv"] = "0.0001" },
		"windows.eve.total.gmv_fen": func(d map[string]any) { inside(d, "windows", 0, "total")["gmv_fen"] = 1 },
		"windows.day.end":           func(d map[string]any) { inside(d, "windows", 1)["end"] = rfc(openMs) },
		"countries.RU.orders":       func(d map[string]any) { countryOf(d, "RU")["orders"] = 1 },
		"rejects.not_json":          func(d map[string]any) { inside(d, "rejects")["not_json"] = 77777 },
		"rejects.too_few":           func(d map[string]any) { inside(d, "rejects")["too_few"] = 1 },
		"positions.1":               func(d map[string]any) { inside(d, "positions")["1"] = 5 },
		"partitions.0.chain":        func(d map[string]any) { inside(d, "partitions", 0, "chain")["hash"] = strings.Repeat("0", 64) },
		"partitions.1.seal":         func(d map[string]any) { inside(d, "partitions", 1, "seal")["hash"] = strings.Repeat("0", 64) },
		"partitions.1.last_ms":      func(d map[string]any) { inside(d, "partitions", 1)["last_ms"] = 5 },
		"number of partitions": func(d map[string]any) {
			d["partitions"] = append(d["partitions"].([]any), map[string]any{"partition": 2})
		},
		"rules are the ledger's":   func(d map[string]any) { inside(d, "rules", "rates")["USD"] = "7.2" },
		"gaps: partition 0 [1, 2)": func(d map[string]any) { d["gaps"] = []any{map[string]any{"partition": 0, "first": 1, "end": 2}} },
		"frame.prev":               func(d map[string]any) { inside(d, "frame")["prev"] = "x" },
		"closed_at":                func(d map[string]any) { d["closed_at"] = rfc(openMs - 1000) },
		"anyway":                   func(d map[string]any) { d["anyway"] = nil },
		"unfinished: sentences":    func(d map[string]any) { d["unfinished"] = []string{} },
		"watermark":                func(d map[string]any) { d["watermark"] = rfc(openMs) },
		"format":                   func(d map[string]any) { d["format"] = "festival-closing 2" },
	}
	altered := func(alter ...func(d map[string]any)) string {
		var d map[string]any
		decode := json.NewDecoder(strings.NewReader(c.Document))
		decode.UseNumber()
		require.NoError(t, decode.Decode(&d))
		for _, a := range alter {
			a(d)
		}
		quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(signed(t, d))
		f.exec(t, "ALTER TABLE closings UPDATE document = '"+quoted+"' WHERE 1")
		r := f.verify(t)
		require.True(t, names(r, "closing", "made at"), text(t, r))
		return text(t, r)
	}
	all := altered(slices.Collect(maps.Values(alterations))...)
	for says := range alterations {
		require.True(t, strings.Contains(all, "stored:    "+says), "%s is not named: %s", says, all)
	}
	require.Contains(t, altered(func(d map[string]any) { d["note"] = "" }), "unknown field")
	one := altered(alterations["total.orders"])
	require.Equal(t, 1, strings.Count(one, "DIFFERENT"), one)
	f.closeAgain(t, "closings")
}

func countryOf(d map[string]any, key string) map[string]any {
	for _, row := range d["countries"].([]any) {
		if row := row.(map[string]any); row["key"] == key {
			return row
		}
	}
	return nil
}

// TestGap: an accepted gap is not in the log, whoever stored what it held; verify names it with signer and reason.
func TestGap(t *testing.T) {
	f := newFestivalWithGap(t, 50, 90)
	r := f.verify(t)
	require.False(t, r.Differs(), text(t, r))
	require.Contains(t, text(t, r), "accepted gap: partition 0 offsets [50, 90) are not in the log, signed by ops@festival at 1970-01-01T00:00:01Z: retention")
	require.EqualValues(t, 200-40, r.Partitions[0].Records)
	w := f.follow(t)
	w.await(f.second(len(f.frames)-1) - 1)
	require.False(t, w.end().Differs(), "%s", &w.log)
	f.exec(t, "ALTER TABLE signoffs UPDATE reason = 'another' WHERE 1")
	require.True(t, names(f.verify(t), "sign-off", "partition 0 offsets [50, 90) by ops@festival"))
}

// TestTopicSignedOff: a signed topic bears a hash too; one that was noted, or signed before there was one, has none to hold it against.
func TestTopicSignedOff(t *testing.T) {
	f := newFestival(t, stride)
	f.produce(t, 100, kgo.TryCommit)
	f.count(t, 16<<10)
	sum := sha256.Sum256(canonical(t, map[string]any{"ledger": f.ledger.ID, "kind": "topic", "topic_id": "aa", "by": "ops@festival", "reason": "restored",
		"at": "1970-01-01T00:00:02.000Z", "world": "partition 0"}))
	for _, r := range []sql.TopicID{{ID: "cc", AtMs: 1}, {ID: "bb", By: "Ann", Reason: "old", AtMs: 1000},
		{ID: "aa", By: "ops@festival", Reason: "restored", AtMs: 2000, World: "partition 0", Hash: hex.EncodeToString(sum[:])}} {
		require.NoError(t, f.store.InsertTopicID(context.Background(), f.ledger.Prefix, r))
	}
	r := f.verify(t)
	require.False(t, r.Differs(), text(t, r))
	f.exec(t, "ALTER TABLE topic_ids UPDATE world = 'partition 1' WHERE topic_id = 'aa'")
	require.True(t, names(f.verify(t), "sign-off", "topic aa by ops@festival"))
}

// TestGapAtTheStart: where the topic begins behind an accepted gap, Kafka alone has all of the ledger's log.
func TestGapAtTheStart(t *testing.T) {
	f := newFestivalWithGap(t, 0, 70)
	fromKafka := func(c *verify.Config) { c.From = verify.FromKafka }
	r := f.verify(t, fromKafka)
	require.False(t, r.Differs(), text(t, r))
	f.forget(t, 70)
	r = f.verify(t, fromKafka)
	require.False(t, r.Differs(), text(t, r))
	require.Equal(t, []verify.Range{{Source: verify.FromKafka, First: 70, End: r.Partitions[0].Position}}, r.Partitions[0].Sources)
	f.forget(t, 71)
	_, err := verify.Run(context.Background(), verify.Config{Store: f.store, Ledger: f.ledger, Kafka: f.brokers, From: verify.FromKafka})
	require.ErrorContains(t, err, "the log of partition 0 begins at 71")
}

// newFestivalWithGap counts 400 records but for partition 0's offsets [first, end), which an operator has given up.
func newFestivalWithGap(t *testing.T, first, end int64) *festival {
	f := newFestival(t, stride)
	f.produce(t, 400, kgo.TryCommit)
	require.NoError(t, f.store.InsertSignoff(context.Background(), f.ledger.Prefix, f.gapRecord(t, first, end)))
	f.gap = [2]int64{first, end}
	f.count(t, 16<<10)
	return f
}

// forget deletes the beginning of partition 0's log.
func (f *festival) forget(t *testing.T, below int64) {
	cut := kadm.Offsets{}
	cut.AddOffset(topic, 0, below, -1)
	deleted, err := kadm.NewClient(f.producer).DeleteRecords(context.Background(), cut)
	require.NoError(t, err)
	require.NoError(t, deleted.Error())
}

// gapRecord is a sign-off of a gap in partition 0, hashed as docs/definitions.md says.
func (f *festival) gapRecord(t *testing.T, first, end int64) sql.Signoff {
	s := sql.Signoff{Kind: sql.SignoffGap, Partition: 0, Era: 1, Segment: 0, First: first, End: end, By: "ops@festival", Reason: "retention",
		AtMs: 1000, World: "{}"}
	sum := sha256.Sum256(canonical(t, map[string]any{"ledger": f.ledger.ID, "kind": "gap", "partition": 0, "era": 1, "segment": 0, "from": first,
		"to": end, "by": s.By, "reason": s.Reason, "at": "1970-01-01T00:00:01.000Z", "world": "{}"}))
	s.Hash = hex.EncodeToString(sum[:])
	return s
}
