package decode

// maxDepth is how deep values may nest, the outer object being 1 (CONTRACT.md §1).
const maxDepth = 64

// skip reads any value at p inside depth containers and gives what follows it, or -1 where it is not JSON.
func (d *Decoder) skip(p, depth int) int {
	b := d.buf
	switch c := b[p]; {
	case c == '"':
		_, _, next := d.text(p)
		return next
	case c == '{':
		return d.skipObject(p+1, depth+1)
	case c == '[':
		return d.skipArray(p+1, depth+1)
	case c == 't':
		return word(b, p, "true")
	case c == 'f':
		return word(b, p, "false")
	case c == 'n':
		return word(b, p, "null")
	default:
		return number(b, p)
	}
}

// skipObject reads a nested object after its brace.
func (d *Decoder) skipObject(p, depth int) int {
	b := d.buf
	if depth > maxDepth {
		return -1
	}
	if p = space(b, p); b[p] == '}' {
		return p + 1
	}
	for {
		if b[p] != '"' {
			return -1
		}
		if _, _, p = d.text(p); p < 0 {
			return -1
		}
		if p = space(b, p); b[p] != ':' {
			return -1
		}
		if p = d.skip(space(b, p+1), depth); p < 0 {
			return -1
		}
		p = space(b, p)
		if b[p] == '}' {
			return p + 1
		}
		if b[p] != ',' {
			return -1
		}
		p = space(b, p+1)
	}
}

// skipArray reads an array after its bracket.
func (d *Decoder) skipArray(p, depth int) int {
	b := d.buf
	if depth > maxDepth {
		return -1
	}
	if p = space(b, p); b[p] == ']' {
		return p + 1
	}
	for {
		if p = d.skip(p, depth); p < 0 {
			return -1
		}
		p = space(b, p)
		if b[p] == ']' {
			return p + 1
		}
		if b[p] != ',' {
			return -1
		}
		p = space(b, p+1)
	}
}

// word reads one of JSON's three names.
func word(b []byte, p int, w string) int {
	if string(b[p:p+len(w)]) != w {
		return -1
	}
	return p + len(w)
}

// number reads a number of RFC 8259 §6.
func number(b []byte, p int) int {
	if b[p] == '-' {
		p++
	}
	if b[p] == '0' {
		p++
	} else if p = digits(b, p); p < 0 {
		return -1
	}
	if b[p] == '.' {
		if p = digits(b, p+1); p < 0 {
			return -1
		}
	}
	if b[p]|0x20 == 'e' {
		p++
		if b[p] == '+' || b[p] == '-' {
			p++
		}
		p = digits(b, p)
	}
	return p
}

// digits reads one or more digits.
func digits(b []byte, p int) int {
	first := p
	for b[p]-'0' <= 9 {
		p++
	}
	if p == first {
		return -1
	}
	return p
}
