package aggregate

// Window is a span of event time in which events count: [StartMs, EndMs), exact to the millisecond.
type Window struct {
	ID      string
	StartMs int64 // Unix milliseconds
	EndMs   int64
}

// Rate is one sealed exchange rate: CNY per unit of the currency, as the decimal Digits * 10^-Scale.
type Rate struct {
	Currency string
	Minor    int   // minor unit digits of the currency (data/currencies.csv)
	Digits   int64 // more than 0, below 10^12
	Scale    int   // 0 to 8
	Text     string

	mul, div uint64 // fen per minor unit as a fraction, see Rules.Fen
}

// RulesNumber is raised only when some log would give other cells (DESIGN.md §2, ledger).
const RulesNumber = 1

// DefaultStride is how many offsets a segment has (DESIGN.md §2).
const DefaultStride = 65536

// Rules is everything about counting that is sealed with a ledger. It is built once by NewRules from a validated
// configuration, then only read.
type Rules struct {
	Festival     string // festival.id
	Windows      []Window
	Rates        []Rate // sorted by currency; Order.Currency indexes it
	Marketplaces *Set
	Categories   *Set
	Stride       int64
	currencies   map[string]uint8
	keys         *keyring
}

// Currency finds a currency's index in Rates.
func (r *Rules) Currency(code []byte) (uint8, bool) {
	i, ok := r.currencies[string(code)]
	return i, ok
}

// Window finds the window that holds an event time: its index, or NoWindow.
func (r *Rules) Window(ms int64) uint8 {
	for i := range r.Windows {
		if ms >= r.Windows[i].StartMs && ms < r.Windows[i].EndMs {
			return uint8(i)
		}
	}
	return NoWindow
}

// Keys gives the closed set whose names are the keys of a dimension, nil for dimensions with open keys.
func (r *Rules) Keys(d Dim) *Set {
	switch d {
	case DimDevice:
		return Devices
	case DimCountry:
		return Countries
	case DimProvince:
		return Provinces
	case DimCategory:
		return r.Categories
	case DimMarketplace:
		return r.Marketplaces
	case DimChannel:
		return Channels
	}
	return nil
}
