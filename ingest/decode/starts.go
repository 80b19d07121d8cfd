package decode

import "encoding/binary"

// starts finds a field by the seven bytes after its name's opening quote, which no two names share, with what follows a
// shorter one, but for merchant_id and merchant_country: one of these is found, the other is left to the look-up of whole
// names. It is what is asked where both guesses fail, since which fields are left out cannot be foreseen.
type starts struct {
	factor uint64
	field  [256]uint8
}

// knownStarts is the table of the contract's fields.
var knownStarts = newStarts()

func newStarts() *starts {
	t := &starts{factor: 0x9e3779b97f4a7c15}
	for !t.place() {
		t.factor += 2 * 0x632be59bd9b4e019
	}
	return t
}

// place gives each name its entry, false where two names meet.
func (t *starts) place() bool {
	taken := map[uint8]uint64{}
	for i := range t.field {
		t.field[i] = start
	}
	for f := range unknown {
		name := literalText(f) + `"` // a string follows the colon of the short ones
		word := binary.LittleEndian.Uint64([]byte((name + "       ")[1:9])) << 8
		entry := t.entry(word)
		if other, ok := taken[entry]; ok && other != word {
			return false
		}
		taken[entry], t.field[entry] = word, f
	}
	return true
}

func (t *starts) entry(word uint64) uint8 { return uint8(word * t.factor >> 56) }

// find gives the field whose name may stand at the quote b[p], start where none does.
func (t *starts) find(b []byte, p int) uint8 {
	return t.field[t.entry(binary.LittleEndian.Uint64(b[p+1:p+9])<<8)] & 31
}
