package decode

import "festival/aggregate"

// object reads the outer object, which must be the whole record. It gives false where the record is not JSON; what
// is wrong with known fields is left in the decoder's marks.
func (d *Decoder) object(o *aggregate.Order) bool {
	b := d.buf
	p := space(b, 0)
	if b[p] != '{' {
		return false
	}
	p = space(b, p+1)
	if b[p] == '}' {
		return space(b, p+1) == d.n
	}
	before, seen, twice := start, uint32(0), uint32(0)
	for {
		f := d.guess.first[before]
		if l := &literals[f]; l.at(b, p) { // Fast path
			p = space(b, p+l.n)
		} else if f, p = d.name(before, p); p < 0 {
			return false
		}
		bit := uint32(1) << f // the bit of unknown is no field's
		twice |= seen & bit
		seen |= bit
		e := plain(b, p+1)
		if b[p] == '"' && b[e] == '"' { // Fast path
			d.setText(aggregate.Field(f), p+1, e, o)
			p = e + 1
		} else if p = d.value(f, p, o); p < 0 {
			return false
		}
		p = space(b, p)
		if b[p] != ',' {
			break
		}
		p = space(b, p+1)
		before = f
	}
	d.seen = seen
	d.bad |= twice &^ (1 << unknown)
	return b[p] == '}' && space(b, p+1) == d.n
}

// name reads a field's name and its colon at p where the first guess was wrong. It gives the field, or unknown, and
// where its value begins, or -1 where this is not JSON.
func (d *Decoder) name(before uint8, p int) (f uint8, next int) {
	b := d.buf
	f = d.guess.second[before]
	if l := &literals[f]; l.at(b, p) {
		d.guess.learn(before, f)
		return f, space(b, p+l.n)
	}
	if b[p] != '"' {
		return 0, -1
	}
	s, e, next := d.text(p)
	if next < 0 {
		return 0, -1
	}
	f = unknown
	if code := d.closed.names.code(b, s, e); code != 0 {
		f = code - 1
		d.guess.learn(before, f)
	}
	next = space(b, next)
	if b[next] != ':' {
		return 0, -1
	}
	return f, space(b, next+1)
}

// value reads any value of field f at p: Slow path of object. It gives what follows it, or -1 where this is not JSON.
func (d *Decoder) value(f uint8, p int, o *aggregate.Order) int {
	first := d.buf[p]
	if first == '"' {
		s, e, next := d.text(p)
		if next >= 0 {
			d.setText(aggregate.Field(f), s, e, o)
		}
		return next
	}
	next := d.skip(p, 1)
	if first == 'n' {
		d.null |= 1 << f
	} else if next >= 0 {
		d.setOther(aggregate.Field(f), p, next, o)
	}
	return next
}

// space gives the first position at or after p that is not JSON white space.
func space(b []byte, p int) int {
	if b[p] > ' ' { // Fast path
		return p
	}
	return spaceSlow(b, p)
}

func spaceSlow(b []byte, p int) int {
	for b[p] == ' ' || b[p] == '\n' || b[p] == '\r' || b[p] == '\t' {
		p++
	}
	return p
}
