package aggregate

import "crypto/sha256"

// Document is the ledger document: the RFC 8785 JSON of everything that is sealed with a ledger (DESIGN.md §2).
// Partitions is the topic's partition count, serial is 1 for a festival's first ledger. The recorded log start is
// not part of it: a restart gives the same document.
func (r *Rules) Document(cluster, topic string, partitions, serial int) []byte {
	rates := make(map[string]any, len(r.Rates))
	for _, rate := range r.Rates {
		rates[rate.Currency] = rate.Text
	}
	windows := make([]any, len(r.Windows))
	for i, w := range r.Windows {
		windows[i] = map[string]any{"id": w.ID, "start": w.StartMs, "end": w.EndMs}
	}
	return appendCanonical(nil, map[string]any{
		"cluster": cluster, "topic": topic, "partitions": int64(partitions), "serial": int64(serial),
		"festival": r.Festival, "rules": int64(RulesNumber), "stride": r.Stride, "windows": windows, "rates": rates,
		"marketplaces": texts(r.Marketplaces.Names()[1:]), "categories": texts(r.Categories.Names()[1:]),
	})
}

// LedgerID is the SHA-256 of a ledger document.
func LedgerID(document []byte) [32]byte { return sha256.Sum256(document) }

func texts(names []string) []any {
	out := make([]any, len(names))
	for i, n := range names {
		out[i] = n
	}
	return out
}
