package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"festival/aggregate"
	"festival/sql"
)

// record dates and hashes a record.
func (d *Desk) record(r sql.Signoff) (sql.Signoff, error) {
	r.AtMs = d.Clock().UnixMilli()
	var err error
	r.Hash, err = hashOf(SignoffDocument(d.Ledger.ID, r))
	return r, err
}

// hashOf is the SHA-256 of a document's RFC 8785 JSON without hash.
func hashOf(document map[string]any) (string, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return "", err
	}
	canonical, err := aggregate.Canonical(text, "hash")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}

// gapCommand and recountCommand are what an operator copies: the place (kafka.Config.Place), NAME and WHY are his to put in.
func gapCommand(place string, partition int32, from, to int64) string {
	return fmt.Sprintf("festival ledger accept-gap --partition %d --from %d --to %d %s --by NAME --reason WHY", partition, from, to, place)
}

func recountCommand(place string, partition int32) string {
	return fmt.Sprintf("festival ledger recount --partition %d %s --by NAME --reason WHY", partition, place)
}

// atText is when something was signed, as both documents have it: RFC 3339 in UTC with milliseconds.
func atText(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

// SignoffDocument gives a record as the JSON that is hashed (without hash) and shown.
func SignoffDocument(ledger [32]byte, r sql.Signoff) map[string]any {
	kind := strings.Fields(" gap recount")[r.Kind-1]
	return map[string]any{"ledger": hex.EncodeToString(ledger[:]), "kind": kind, "partition": r.Partition, "era": r.Era,
		"segment": r.Segment, "from": r.First, "to": r.End, "by": r.By, "reason": r.Reason,
		"at": atText(r.AtMs), "world": r.World, "hash": r.Hash}
}

// TopicDocument gives a signed topic as the JSON that is hashed (without hash) and shown.
func TopicDocument(ledger [32]byte, r sql.TopicID) map[string]any {
	return map[string]any{"ledger": hex.EncodeToString(ledger[:]), "kind": "topic", "topic_id": r.ID, "by": r.By, "reason": r.Reason,
		"at": atText(r.AtMs), "world": r.World, "hash": r.Hash}
}
