package query

import "encoding/json"

// compact is the frame without its lists and positions, for pages that show the number to many: `view=total`. The hash is
// the whole frame's. Viewers order frames by seq: no figure of an official frame is below those of one with a lower seq.
type compact struct {
	Seq        json.RawMessage `json:"seq"`
	Second     json.RawMessage `json:"second"`
	Official   json.RawMessage `json:"official"`
	Ledger     json.RawMessage `json:"ledger"`
	Rehearsal  json.RawMessage `json:"rehearsal"`
	Phase      json.RawMessage `json:"phase"`
	Window     json.RawMessage `json:"window"`
	Certainty  json.RawMessage `json:"certainty"`
	VerifiedTo json.RawMessage `json:"verified_to"`
	Complete   json.RawMessage `json:"complete"`
	Frozen     json.RawMessage `json:"frozen"`
	Correction json.RawMessage `json:"correction"`
	Total      json.RawMessage `json:"total"`
	Rate       json.RawMessage `json:"rate"`
	Mobile     json.RawMessage `json:"mobile"`
	Watermark  json.RawMessage `json:"watermark"`
	FreshMs    json.RawMessage `json:"fresh_ms"`
	Hash       json.RawMessage `json:"hash"`
}

// totalView cuts a frame's JSON down to its compact view, member by member as they stand. A member that an older stored
// frame does not have is null; so is every one of what is no frame.
func totalView(frame []byte) []byte {
	var c compact
	_ = json.Unmarshal(frame, &c) // our own JSON
	out, err := json.Marshal(&c)
	if err != nil {
		panic(err) // cannot happen: every member is JSON that was just read
	}
	return out
}
