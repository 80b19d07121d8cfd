package decode

import (
	"encoding/binary"
	"math/bits"

	"festival/aggregate"
)

// unknown stands for a field name that the contract does not know, start for the place before the first name.
const (
	unknown = uint8(aggregate.Fields)
	start   = uint8(aggregate.Fields) + 1
)

// contractOrder is the order of CONTRACT.md §1's example, which the rehearsal writes too.
var contractOrder = []aggregate.Field{
	aggregate.FieldOrderID, aggregate.FieldStatus, aggregate.FieldCreatedAt, aggregate.FieldPaidAt,
	aggregate.FieldRefundedAt, aggregate.FieldRefundID, aggregate.FieldCurrency, aggregate.FieldAmount,
	aggregate.FieldMerchantID, aggregate.FieldBuyerID, aggregate.FieldBuyerCountry, aggregate.FieldProvince,
	aggregate.FieldCity, aggregate.FieldMerchantCountry, aggregate.FieldMarketplace, aggregate.FieldChannel,
	aggregate.FieldDevice, aggregate.FieldCategory, aggregate.FieldBrandID, aggregate.FieldProductID,
	aggregate.FieldNewProduct, aggregate.FieldQuantity, aggregate.FieldStoreID, aggregate.FieldRedEnvelope,
	aggregate.FieldTeamID, aggregate.FieldShowID, aggregate.FieldBroadcast, aggregate.FieldBuyerSince,
}

// literal is a field name as producers write it, `"name":`, as three little-endian words and their masks.
type literal struct {
	word, mask [3]uint64
	n          int
}

// literals holds one literal a field; those after the last field (unknown, start) match nothing.
var literals = makeLiterals()

func makeLiterals() (all [32]literal) {
	for f := range all {
		l := &all[f]
		if f >= int(unknown) {
			l.word[0] = 1 // with mask 0, no bytes are equal to it
			continue
		}
		var text, mask [24]byte
		l.n = copy(text[:], literalText(uint8(f)))
		for i := range l.n {
			mask[i] = 0xff
		}
		for i := range l.word {
			l.word[i] = binary.LittleEndian.Uint64(text[8*i:])
			l.mask[i] = binary.LittleEndian.Uint64(mask[8*i:])
		}
	}
	return all
}

func literalText(f uint8) string { return `"` + aggregate.Field(f).String() + `":` }

// at tells whether the literal stands at b[p:].
func (l *literal) at(b []byte, p int) bool {
	b = b[p : p+24]
	return (binary.LittleEndian.Uint64(b)&l.mask[0]^l.word[0])|
		(binary.LittleEndian.Uint64(b[8:])&l.mask[1]^l.word[1])|
		(binary.LittleEndian.Uint64(b[16:])&l.mask[2]^l.word[2]) == 0
}

// predictor knows, for each field, which two came after it: a stream has few shapes (a paid order has paid_at, an
// order of a shop without stores no store_id), so the second guess catches most of what the first misses.
type predictor struct {
	first, second [32]uint8
}

// newPredictor begins with the contract's order.
func newPredictor() (g predictor) {
	for i := range g.first {
		g.first[i], g.second[i] = unknown, unknown
	}
	before := start
	for i, f := range contractOrder {
		g.first[before] = uint8(f)
		if i+1 < len(contractOrder) {
			g.second[before] = uint8(contractOrder[i+1])
		}
		before = uint8(f)
	}
	return g
}

// learn notes that f came after before, though neither guess said so.
func (g *predictor) learn(before, f uint8) {
	g.second[before] = g.first[before]
	g.first[before] = f
}

// predicted reads the members from p on as long as each is the one guessed, a plain string, a short integer, true or
// false, and no field comes twice: nearly all of most records. It gives where it stopped and the field before: at a
// brace after a value (closed), else before a name or the white space before it.
//
// It notes only where values stand, so that what one step needs of the one before, the place, is known as early as
// can be.
func (d *Decoder) predicted(p int, before uint8) (next int, last uint8, closed bool) {
	b, texts, others, seen, trusted := d.buf, d.texts, d.others, d.seen, d.trusted
	usual := &usualBytes
	if d.careful {
		usual = &noBytes
	}
	for !closed {
		f := d.guess.first[before&31] & 31
		l := &literals[f]
		if !l.at(b, p) {
			f = d.guess.second[before&31] & 31
			if l = &literals[f]; !l.at(b, p) {
				f = knownStarts.find(b, p)
				if l = &literals[f]; !l.at(b, p) {
					break
				}
				d.guess.second[before&31] = f
			}
		}
		if seen>>f&1 != 0 {
			break
		}
		s := p + l.n
		if b[s] == ' ' {
			s++
		}
		e, after, bit := 0, 0, uint32(1)<<f
		if b[s] == '"' {
			s++
			if e = s + int(usual[f]); e > s && b[e] == '"' {
				trusted |= bit
			} else {
				w := b[s : s+16] // plain's first step
				m, n := special(binary.LittleEndian.Uint64(w)), special(binary.LittleEndian.Uint64(w[8:]))
				if e = s; m|n == 0 {
					e = plain(b, s+16)
				} else {
					if m == 0 {
						e, m = s+8, n
					}
					e += bits.TrailingZeros64(m) >> 3
				}
				if b[e] != '"' {
					break
				}
			}
			texts |= bit
			after = e + 1
		} else {
			if e = scalar(b, s); e == s {
				break
			}
			others |= bit
			after = e
		}
		if closed = b[after] == '}'; !closed && b[after] != ',' {
			texts, others, trusted = texts&^bit, others&^bit, trusted&^bit // white space before the comma: not for here
			break
		}
		d.place[f] = span{int32(s), int32(e)}
		seen |= bit
		before = f
		if p = after; !closed {
			p++
			if b[p] == ' ' {
				p++
			}
		}
	}
	d.seen, d.texts, d.others, d.trusted = seen, texts, others, trusted
	return p, before, closed
}

// scalar reads true, false or an integer of one to three digits at p and gives what follows it, or p for anything else.
// Which of true and false it is cannot be predicted: no branch depends on it.
func scalar(b []byte, p int) int {
	w := b[p : p+5]
	if w[0]-'1' < 9 {
		e := p + 1
		for e < p+3 && b[e]-'0' <= 9 {
			e++
		}
		return e
	}
	n, word := 4, uint32('t'|'r'<<8|'u'<<16|'e'<<24)
	if w[0] == 'f' {
		n, word = 5, 'f'|'a'<<8|'l'<<16|'s'<<24
	}
	if binary.LittleEndian.Uint32(w) != word || b[p+n-1] != 'e' {
		return p
	}
	return p + n
}
