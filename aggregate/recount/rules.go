package recount

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
	"sort"
)

// RulesNumber is the rules number that this reading knows; another one in a ledger is refused.
const RulesNumber = 1

// Rules is what a ledger seals about counting, read from its document (docs/definitions.md, ledger). Only read
// after ReadRules; safe for any number of goroutines.
type Rules struct {
	Ledger       [32]byte // SHA-256 of the document: the ledger id
	Festival     string
	Cluster      string
	Topic        string
	Partitions   int
	Stride       int64 // offsets in a segment
	Windows      []Window
	Marketplaces map[string]bool
	Categories   map[string]bool
	Currencies   []string // sorted
	rates        map[string]rate

	marketplaceList, categoryList []string // in the document's order
}

// Window is a span of event time, [StartMs, EndMs), Unix milliseconds.
type Window struct {
	ID      string `json:"id"`
	StartMs int64  `json:"start"`
	EndMs   int64  `json:"end"`
}

// rate turns minor units into fen: fen = minor * num / den, half-even.
type rate struct {
	minor    int // digits of the currency's minor unit
	num, den *big.Int
	yuan     *big.Rat // CNY per unit
}

// document is the ledger document's form; see docs/definitions.md.
type document struct {
	Categories   []string          `json:"categories"`
	Cluster      string            `json:"cluster"`
	Festival     string            `json:"festival"`
	Marketplaces []string          `json:"marketplaces"`
	Partitions   int               `json:"partitions"`
	Rates        map[string]string `json:"rates"`
	Rules        int               `json:"rules"`
	Serial       int               `json:"serial"`
	Stride       int64             `json:"stride"`
	Topic        string            `json:"topic"`
	Windows      []Window          `json:"windows"`
}

// ReadRules reads a ledger document. The document has to be RFC 8785 JSON (its hash is the ledger id) with exactly
// the fields known here: a rule that this reading does not know would be a figure that it cannot recount.
func ReadRules(text []byte) (*Rules, error) {
	canonical, err := Canonical(text)
	if err != nil {
		return nil, fmt.Errorf("ledger document: %w", err)
	}
	if !bytes.Equal(canonical, text) {
		return nil, fmt.Errorf("ledger document is not RFC 8785 JSON: %.80q", text)
	}
	var doc document
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return nil, fmt.Errorf("ledger document: %w", err)
	}
	return doc.rules(sha256.Sum256(text))
}

func (d *document) rules(id [32]byte) (*Rules, error) {
	if d.Rules != RulesNumber {
		return nil, fmt.Errorf("ledger document has rules number %d, this program recounts %d", d.Rules, RulesNumber)
	}
	if d.Stride < 1 || d.Partitions < 1 || len(d.Windows) == 0 || len(d.Windows) > 255 {
		return nil, fmt.Errorf("ledger document: stride %d, %d partitions, %d windows: each has to be at least 1",
			d.Stride, d.Partitions, len(d.Windows))
	}
	r := &Rules{Ledger: id, Festival: d.Festival, Cluster: d.Cluster, Topic: d.Topic, Partitions: d.Partitions,
		Stride: d.Stride, Windows: d.Windows, Marketplaces: set(d.Marketplaces...), Categories: set(d.Categories...),
		rates: map[string]rate{}, marketplaceList: d.Marketplaces, categoryList: d.Categories}
	for code, text := range d.Rates {
		one, err := newRate(code, text)
		if err != nil {
			return nil, err
		}
		r.rates[code] = one
		r.Currencies = append(r.Currencies, code)
	}
	sort.Strings(r.Currencies)
	return r, nil
}

func newRate(code, text string) (rate, error) {
	minor, listed := minorDigits[code]
	yuan := new(big.Rat)
	if _, _, ok := plainDecimal(text); ok {
		yuan.SetString(text)
	}
	if !listed || yuan.Sign() <= 0 {
		return rate{}, fmt.Errorf("ledger document: rate %s %q: want an ISO 4217 code and a decimal above 0", code, text)
	}
	// fen = minor units / 10^minor * yuan per unit * 100
	fen := new(big.Rat).Mul(yuan, new(big.Rat).SetFrac(big.NewInt(100), pow10(minor)))
	return rate{minor: minor, num: fen.Num(), den: fen.Denom(), yuan: yuan}, nil
}

func pow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// Window finds the window that holds an event time; ok false where none does.
func (r *Rules) Window(ms int64) (index uint8, ok bool) {
	for i, w := range r.Windows {
		if w.StartMs <= ms && ms < w.EndMs {
			return uint8(i), true
		}
	}
	return 0, false
}
