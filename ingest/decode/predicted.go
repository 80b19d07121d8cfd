package decode

import (
	"encoding/binary"

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
		l.n = copy(text[:], `"`+aggregate.Field(f).String()+`":`)
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
	b, texts, others, seen := d.buf, d.texts, d.others, d.seen
	for !closed {
		f := d.guess.first[before&31] & 31
		l := &literals[f]
		if !l.at(b, p) {
			f = d.guess.second[before&31] & 31
			if l = &literals[f]; !l.at(b, p) {
				break
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
			if e = plain(b, s); b[e] != '"' {
				break
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
			texts, others = texts&^bit, others&^bit // white space before the comma: not for here
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
	d.seen, d.texts, d.others = seen, texts, others
	return p, before, closed
}

// scalar reads true, false or an integer of one to three digits at p and gives what follows it, or p for anything else.
func scalar(b []byte, p int) int {
	w := b[p : p+5]
	switch {
	case w[0]-'1' < 9:
		e := p + 1
		for e < p+3 && b[e]-'0' <= 9 {
			e++
		}
		return e
	case string(w[:4]) == "true":
		return p + 4
	case string(w) == "false":
		return p + 5
	}
	return p
}
