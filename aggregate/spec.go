package aggregate

import (
	"errors"
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// RulesSpec is what a festival's configuration says about counting, as it was written. NewRules checks it.
type RulesSpec struct {
	Festival     string            // festival.id, not empty
	Windows      []Window          // 1 to MaxWindows, in order, without overlap
	Rates        map[string]string // yuan per unit of the currency, as a decimal; CNY is "1"
	Marketplaces []string          // at most MaxSet distinct names
	Categories   []string          // at most MaxSet distinct names
	Stride       int64             // offsets in a segment, a power of two up to MaxStride; 0 means DefaultStride
}

// The bounds of a RulesSpec. Each keeps a code within the bits that a cell's packed key has for it.
const (
	MaxWindows = 64
	MaxRates   = 250
	MaxStride  = 1 << 26

	maxRateDigits = 999_999_999_999   // twelve digits
	maxRateScale  = 8                 // decimals
	maxWindowMs   = 7_258_118_400_000 // 2200-01-01T00:00:00Z; the contract's event times end with 2099
)

// NewRules builds the rules of a ledger. Its error joins every problem of the spec, one a line.
func NewRules(spec RulesSpec) (*Rules, error) {
	r := &Rules{Festival: spec.Festival, Windows: slices.Clone(spec.Windows), Stride: spec.Stride}
	if r.Stride == 0 {
		r.Stride = DefaultStride
	}
	var p problems
	p.text("festival id", spec.Festival)
	p.windows(spec.Windows)
	p.catalogue("marketplace", spec.Marketplaces)
	p.catalogue("category", spec.Categories)
	if r.Stride < 1 || r.Stride > MaxStride || bits.OnesCount64(uint64(r.Stride)) != 1 {
		p.add("stride %d: give a power of two from 1 to %d", spec.Stride, int64(MaxStride))
	}
	r.Rates = p.rates(spec.Rates)
	if len(p) > 0 {
		return nil, errors.Join(p...)
	}
	r.Marketplaces, r.Categories = NewSet(spec.Marketplaces), NewSet(spec.Categories)
	r.currencies = make(map[string]uint8, len(r.Rates))
	for i, rate := range r.Rates {
		r.currencies[rate.Currency] = uint8(i)
	}
	r.keys = newKeyring(r)
	return r, nil
}

// problems collects what is wrong with a spec.
type problems []error

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

// text demands a non-empty UTF-8 string: the ledger document is JSON.
func (p *problems) text(what, s string) {
	if s == "" || !utf8.ValidString(s) {
		p.add("%s %q: give a name that is not empty and valid UTF-8", what, s)
	}
}

func (p *problems) windows(windows []Window) {
	if n := len(windows); n < 1 || n > MaxWindows {
		p.add("%d windows: give 1 to %d", n, MaxWindows)
	}
	seen := map[string]bool{}
	for i, w := range windows {
		p.text("window id", w.ID)
		if seen[w.ID] {
			p.add("window %q: the id is given twice", w.ID)
		}
		seen[w.ID] = true
		if w.StartMs < 0 || w.EndMs > maxWindowMs {
			p.add("window %q: [%d, %d) ms lies outside the years 1970 to 2199", w.ID, w.StartMs, w.EndMs)
		}
		if w.EndMs <= w.StartMs {
			p.add("window %q: its end %d ms is not after its start %d ms", w.ID, w.EndMs, w.StartMs)
		}
		if i > 0 && w.StartMs < windows[i-1].EndMs {
			p.add("window %q: begins at %d ms, before the end of window %q at %d ms; give windows in order, without overlap",
				w.ID, w.StartMs, windows[i-1].ID, windows[i-1].EndMs)
		}
	}
}

func (p *problems) catalogue(what string, names []string) {
	if len(names) > MaxSet {
		p.add("%d %s names: give at most %d", len(names), what, MaxSet)
	}
	seen := map[string]bool{}
	for _, n := range names {
		p.text(what, n)
		if n == Unknown {
			p.add("%s %q: the name is taken by values outside the catalogue", what, n)
		}
		if seen[n] {
			p.add("%s %q: the name is given twice", what, n)
		}
		seen[n] = true
	}
}

// rates gives the rates sorted by currency.
func (p *problems) rates(texts map[string]string) []Rate {
	if texts["CNY"] != "1" {
		p.add(`rate CNY %q: give "1", money is counted in yuan`, texts["CNY"])
	}
	if len(texts) > MaxRates {
		p.add("%d rates: give at most %d", len(texts), MaxRates)
	}
	var out []Rate
	for currency, text := range texts {
		rate, err := parseRate(currency, text)
		if err != nil {
			*p = append(*p, err)
		}
		out = append(out, rate)
	}
	slices.SortFunc(out, func(a, b Rate) int { return strings.Compare(a.Currency, b.Currency) })
	slices.SortFunc(*p, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return out
}

var decimal = regexp.MustCompile(`^(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// parseRate reads one rate. Its text is kept as written, because the ledger document holds it.
func parseRate(currency, text string) (Rate, error) {
	minor, ok := MinorDigits(currency)
	if !ok {
		return Rate{}, fmt.Errorf("rate %s: no currency of ISO 4217 has this code (data/currencies.csv)", currency)
	}
	r := Rate{Currency: currency, Minor: minor, Text: text}
	whole, fraction, _ := strings.Cut(text, ".")
	r.Scale = len(fraction)
	if !decimal.MatchString(text) || len(whole) > 12 || r.Scale > maxRateScale {
		return Rate{}, fmt.Errorf("rate %s %q: give a decimal of at most 12 digits, %d after the point", currency, text, maxRateScale)
	}
	for _, c := range whole + fraction {
		r.Digits = r.Digits*10 + int64(c-'0')
	}
	if r.Digits < 1 || r.Digits > maxRateDigits {
		return Rate{}, fmt.Errorf("rate %s %q: give more than 0 and at most 12 digits", currency, text)
	}
	r.mul, r.div = fraction128(r)
	return r, nil
}
