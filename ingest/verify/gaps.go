package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"festival/aggregate/recount"
	"festival/sql"
)

// gaps are the accepted gaps of a ledger's log by partition: what an operator signed off is part of the rules of that
// log, whoever may have read some of it. Offsets inside are as if they had never been.
type gaps map[int32][]sql.Signoff

// readGaps reads the sign-offs. Of an era the oldest stands (sql/schema/0008_signoffs.sql).
func (r *run) readGaps(ctx context.Context) (gaps, error) {
	records, err := r.Store.Signoffs(ctx, r.Ledger.Prefix)
	r.signoffs = records
	found := gaps{}
	for _, s := range records {
		sameEra := func(t sql.Signoff) bool { return t.Era == s.Era }
		if s.Kind == sql.SignoffGap && !slices.ContainsFunc(found[s.Partition], sameEra) {
			found[s.Partition] = append(found[s.Partition], s)
		}
	}
	return found, err
}

// has tells whether an offset lies in an accepted gap.
func (g gaps) has(partition int32, offset int64) bool {
	return slices.ContainsFunc(g[partition], func(s sql.Signoff) bool { return s.First <= offset && offset < s.End })
}

// past gives the first offset at or past one that lies in no accepted gap.
func (g gaps) past(partition int32, offset int64) int64 {
	for g.has(partition, offset) {
		for _, s := range g[partition] {
			if s.First <= offset && offset < s.End {
				offset = s.End
			}
		}
	}
	return offset
}

// checkSignoffs holds each record's hash against what it says (docs/definitions.md, "Accepted gaps").
func (r *run) checkSignoffs() {
	for i := range r.signoffs {
		s := &r.signoffs[i]
		var c comparison
		same(&c, "hash", s.Hash, signoffHash(r.Ledger.ID, s))
		for i := range c.stored {
			r.found.add(Difference{"sign-off", fmt.Sprintf("partition %d offsets [%d, %d) by %s at %s", s.Partition, s.First, s.End, s.By,
				timeText(s.AtMs/1000)), c.stored[i], c.recounted[i]})
		}
	}
}

// checkTopics does the same for the topics that an operator signed off. Records from before schema 0020 have no hash.
func (r *run) checkTopics(ctx context.Context) error {
	topics, err := r.Store.TopicIDs(ctx, r.Ledger.Prefix)
	for _, s := range topics {
		if s.By == "" || s.Hash == "" {
			continue
		}
		if want := topicHash(r.Ledger.ID, s); want != s.Hash {
			r.found.add(Difference{"sign-off", fmt.Sprintf("topic %s by %s at %s", s.ID, s.By, timeText(s.AtMs/1000)), "hash " + s.Hash, "hash " + want})
		}
	}
	return err
}

// topicHash is that of a signed topic.
func topicHash(ledger string, s sql.TopicID) string {
	return recordHash(map[string]any{"ledger": ledger, "kind": "topic", "topic_id": s.ID, "by": s.By, "reason": s.Reason, "world": s.World,
		"at": time.UnixMilli(s.AtMs).UTC().Format("2006-01-02T15:04:05.000Z")})
}

// signoffHash is that of a gap or recount.
func signoffHash(ledger string, s *sql.Signoff) string {
	kind := map[uint8]string{sql.SignoffGap: "gap", sql.SignoffRecount: "recount"}[s.Kind]
	return recordHash(map[string]any{"ledger": ledger, "kind": kind, "partition": s.Partition, "era": s.Era, "segment": s.Segment,
		"from": s.First, "to": s.End, "by": s.By, "reason": s.Reason, "world": s.World,
		"at": time.UnixMilli(s.AtMs).UTC().Format("2006-01-02T15:04:05.000Z")})
}

// recordHash is the SHA-256 of a record's RFC 8785 JSON, which is given without its hash.
func recordHash(record map[string]any) string {
	text, err := json.Marshal(record)
	if err == nil {
		text, err = recount.Canonical(text)
	}
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// list gives them for the result, by partition and era.
func (g gaps) list() []Gap {
	out := []Gap{}
	for _, p := range slices.Sorted(maps.Keys(g)) {
		for _, s := range g[p] {
			out = append(out, Gap{Partition: p, First: s.First, End: s.End, By: s.By, At: timeText(s.AtMs / 1000), Reason: s.Reason})
		}
	}
	return out
}

// Gap is a stretch of offsets that an operator took out of the ledger's log, [First, End).
type Gap struct {
	Partition int32  `json:"partition"`
	First     int64  `json:"first"`
	End       int64  `json:"end"`
	By        string `json:"signed_by"`
	At        string `json:"at"` // RFC 3339
	Reason    string `json:"reason"`
}

func (g *Gap) text() string {
	return fmt.Sprintf("accepted gap: partition %d offsets [%d, %d) are not in the log, signed by %s at %s: %s\n", g.Partition,
		g.First, g.End, g.By, g.At, g.Reason)
}
