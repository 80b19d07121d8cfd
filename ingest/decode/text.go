package decode

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// text reads the string whose opening quote is at p. It gives its unescaped bytes [s, e) in the scratch and what
// follows the closing quote, or next -1 where this is not a JSON string.
func (d *Decoder) text(p int) (s, e, next int) {
	s = p + 1
	e = plain(d.buf, s)
	if d.buf[e] == '"' { // Fast path
		return s, e, e + 1
	}
	e, next = d.unescape(e)
	return s, e, next
}

// plain gives the first position at or after p that holds no plain character of a string: a quote, a backslash, a
// control character or a byte of 0x80 and more. Sixteen bytes a step, without a branch between the two words, since
// most lengths lie around eight and cannot be predicted; a zero byte ends it.
func plain(b []byte, p int) int {
	for {
		w := b[p : p+16]
		m, n := special(binary.LittleEndian.Uint64(w)), special(binary.LittleEndian.Uint64(w[8:]))
		if m|n != 0 {
			if m == 0 {
				p, m = p+8, n
			}
			return p + bits.TrailingZeros64(m)>>3
		}
		p += 16
	}
}

// special marks the high bit of the bytes of x that are not plain. A borrow may mark bytes after the first marked
// one wrongly; only the first is ever used. Bytes of 0x80 and more are marked by x itself, so the other three terms
// need not be exact for them.
func special(x uint64) uint64 {
	return ((((x ^ '"'*ones) - ones) | ((x ^ '\\'*ones) - ones)) | ((x - 0x20*ones) | x)) & highs
}

// unescape reads on from p, the first byte that is not plain, and writes the text in place: an escape is never
// shorter than what it stands for. It gives the text's end and what follows the closing quote, or next -1.
func (d *Decoder) unescape(p int) (e, next int) {
	b := d.buf
	for e = p; ; {
		switch c := b[p]; {
		case c == '"':
			return e, p + 1
		case c == '\\':
			r, n := escape(b, p+1)
			if n == 0 {
				return 0, -1
			}
			e += utf8.EncodeRune(b[e:p+1+n], r)
			p += 1 + n
		case c < ' ':
			return 0, -1
		case c < utf8.RuneSelf:
			b[e] = c
			e, p = e+1, p+1
		default:
			r, n := utf8.DecodeRune(b[p : p+utf8.UTFMax])
			if r == utf8.RuneError && n == 1 {
				return 0, -1
			}
			copy(b[e:], b[p:p+n])
			e, p = e+n, p+n
		}
	}
}

// escape reads what follows a backslash: the character and how many bytes it took, 0 where it is no escape or a lone
// surrogate.
func escape(b []byte, p int) (r rune, n int) {
	switch c := b[p]; c {
	case '"', '\\', '/':
		return rune(c), 1
	case 'b':
		return '\b', 1
	case 'f':
		return '\f', 1
	case 'n':
		return '\n', 1
	case 'r':
		return '\r', 1
	case 't':
		return '\t', 1
	case 'u':
		return escapeUnicode(b, p+1)
	}
	return 0, 0
}

// escapeUnicode reads the four digits at p and, for a high surrogate, the escape of its low one.
func escapeUnicode(b []byte, p int) (r rune, n int) {
	if r = hex4(b, p); r < 0 {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 5
	}
	if b[p+4] != '\\' || b[p+5] != 'u' {
		return 0, 0
	}
	if r = utf16.DecodeRune(r, hex4(b, p+6)); r == utf8.RuneError {
		return 0, 0
	}
	return r, 11
}

// hex4 reads four hexadecimal digits, -1 where one is none.
func hex4(b []byte, p int) (r rune) {
	for _, c := range b[p : p+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}
