package aggregate

import (
	_ "embed"
	"strings"
)

// Unknown is the key under which a value outside its closed set, or an absent one, is counted.
const Unknown = "unknown"

// Set is a closed set as dense codes: code 0 is Unknown, codes 1..n are the given names in their order. It is
// immutable after NewSet and may be read by any number of goroutines.
type Set struct {
	names []string
	codes map[string]uint8
}

// MaxSet is the largest number of names in a closed set: a code is one byte and 0 is taken.
const MaxSet = 255

// NewSet makes a set of at most MaxSet distinct names; the caller has checked both.
func NewSet(names []string) *Set {
	s := &Set{names: append([]string{Unknown}, names...), codes: make(map[string]uint8, len(names))}
	for i, n := range names {
		s.codes[n] = uint8(i + 1)
	}
	return s
}

// Code gives the code of a name, 0 where the set does not hold it.
func (s *Set) Code(name []byte) uint8 { return s.codes[string(name)] }

// Name gives the name of a code, Unknown for 0.
func (s *Set) Name(code uint8) string { return s.names[code] }

// Names gives all names by code, Unknown first. The caller does not change it.
func (s *Set) Names() []string { return s.names }

// Len is the number of codes, Unknown included.
func (s *Set) Len() int { return len(s.names) }

// The closed sets that the contract fixes for every festival (CONTRACT.md §1).
var (
	Countries = NewSet(column(countriesText, 0))
	Provinces = NewSet(column(provincesText, 0))
	Devices   = NewSet([]string{"app", "mobile_web", "mini_program", "desktop", "store_terminal"})
	Channels  = NewSet([]string{"online", "smart_store", "pop_up", "o2o", "livestream", "show", "ar_game",
		"local_service", "community_store", "rural"})
)

// Mobile tells whether a device code is one of the three mobile devices; unknown ones are not.
func Mobile(device uint8) bool { return device >= 1 && device <= 3 }

//go:embed data/countries.txt
var countriesText string

//go:embed data/provinces.csv
var provincesText string

//go:embed data/currencies.csv
var currenciesText string

// MinorDigits gives the minor unit digits of an ISO 4217 code (data/currencies.csv), and whether it is listed.
func MinorDigits(currency string) (int, bool) {
	for line := range strings.Lines(currenciesText) {
		if code, digits, ok := strings.Cut(strings.TrimSpace(line), ","); ok && code == currency {
			return int(digits[0] - '0'), true
		}
	}
	return 0, false
}

// column gives the n-th comma-separated column of a small text table; lines that begin with # are left out.
func column(text string, n int) []string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			out = append(out, strings.Split(line, ",")[n])
		}
	}
	return out
}
