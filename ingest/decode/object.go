package decode

// object reads the outer object, which must be the whole record. It gives false where the record is not JSON; what
// is known of fields is left in the decoder's marks and places.
//
// It only finds where values stand; fields.go reads them afterwards. So the loop's one chain of dependent steps, from
// place to place, is as short as it can be, and the processor reads values while it goes on.
func (d *Decoder) object() bool {
	b := d.buf
	p := space(b, 0)
	if b[p] != '{' {
		return false
	}
	p = space(b, p+1)
	if b[p] == '}' {
		return space(b, p+1) == d.n
	}
	before := start
	for {
		var f uint8
		var closed bool
		if p, before, closed = d.predicted(p, before); closed {
			break
		}
		if f, p = d.name(before, space(b, p)); p < 0 {
			return false
		}
		if p = d.value(f, p); p < 0 {
			return false
		}
		p = space(b, p)
		if b[p] != ',' {
			break
		}
		p = space(b, p+1)
		before = f
	}
	d.forgetUnknown()
	return b[p] == '}' && space(b, p+1) == d.n
}

// forgetUnknown clears the bits of unknown, which is no field.
func (d *Decoder) forgetUnknown() {
	const known = 1<<unknown - 1
	d.seen &= known
	d.bad &= known
	d.texts &= known
	d.others &= known
}

// name reads a field's name and its colon at p. It gives the field, or unknown, and where its value begins, or -1
// where this is not JSON.
func (d *Decoder) name(before uint8, p int) (f uint8, next int) {
	b := d.buf
	for _, f = range [...]uint8{d.guess.first[before], d.guess.second[before]} {
		if l := &literals[f]; l.at(b, p) {
			return f, space(b, p+l.n)
		}
	}
	if b[p] != '"' {
		return 0, -1
	}
	s, e, next := d.text(p)
	if next < 0 {
		return 0, -1
	}
	f = unknown
	if code := d.closed.names.code(b, span{int32(s), int32(e)}); code != 0 {
		f = code - 1
		d.guess.learn(before, f)
	}
	next = space(b, next)
	if b[next] != ':' {
		return 0, -1
	}
	return f, space(b, next+1)
}

// value reads the value of field f at p. It gives what follows it, or -1 where this is not JSON.
func (d *Decoder) value(f uint8, p int) (next int) {
	bit := uint32(1) << (f & 31)
	if d.trusted&bit != 0 { // given before as a text that nobody has looked at and now nobody would: read with care
		return -1
	}
	d.bad |= d.seen & bit
	d.seen |= bit
	if d.buf[p] == '"' {
		s, e, next := d.text(p)
		d.place[f&31] = span{int32(s), int32(e)}
		d.texts |= bit
		return next
	}
	next = d.skip(p, 1)
	if d.buf[p] == 'n' {
		d.null |= bit
		return next
	}
	d.place[f&31] = span{int32(p), int32(next)}
	d.others |= bit
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
