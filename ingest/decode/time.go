package decode

import (
	"encoding/binary"

	"festival/aggregate"
)

// Times lie in the years 2000 to 2099 in UTC (CONTRACT.md §1), in Unix milliseconds.
const (
	minMs = 946_684_800_000
	maxMs = 4_102_444_800_000 // first after
	dayMs = 86_400_000
)

// dayCache remembers the last calendar day read: "2026-11-11T" as words, and its milliseconds.
type dayCache struct {
	w0, w1 uint64
	ms     int64
}

// instant reads a time in Unix milliseconds, as text or as integer; 0 where it is absent.
func (d *Decoder) instant(f aggregate.Field) (ms int64) {
	ok := true
	if d.isText(f) {
		t := d.place[f&31]
		ms, ok = d.day.rfc3339(d.buf[t.s:t.s+40], int(t.e-t.s))
	} else if d.isOther(f) {
		ms, ok = unixMs(d.given(f))
	}
	d.expect(f, ok)
	return ms
}

// rfc3339 reads the first n bytes of t, which has at least 40 (zeros past the record, so no place is read wrongly).
func (c *dayCache) rfc3339(t []byte, n int) (ms int64, ok bool) {
	if n < len("2006-01-02T15:04:05Z") || n > len("2006-01-02T15:04:05.999999999+00:00") {
		return 0, false
	}
	if ms, ok = c.date(t); !ok {
		return 0, false
	}
	clock, ok := clockMs(binary.LittleEndian.Uint64(t[11:]))
	if !ok {
		return 0, false
	}
	cut, i := fraction(t, 19)
	offset, end := zone(t, i)
	if i < 0 || end != n {
		return 0, false
	}
	ms += clock + cut - offset
	return ms, ms >= minMs && ms < maxMs
}

// date reads "YYYY-MM-DDT" in milliseconds, most often from the cache.
func (c *dayCache) date(t []byte) (ms int64, ok bool) {
	w0, w1 := binary.LittleEndian.Uint64(t), binary.LittleEndian.Uint64(t[8:])&0xffffff
	if c.w0 == w0 && c.w1 == w1 { // Fast path; the empty cache never matches, for text has no eight zero bytes here
		return c.ms, w0 != 0
	}
	days, ok := date(t[:10])
	if !ok || t[10] != 'T' {
		return 0, false
	}
	*c = dayCache{w0, w1, int64(days) * dayMs}
	return c.ms, true
}

// clockMs reads "hh:mm:ss" from one word. Each byte less the one of "00:00:00" must be within its own limit; adding
// 0x7f less that limit then leaves the high bit clear.
func clockMs(w uint64) (ms int64, ok bool) {
	const (
		zeros  = 0x30303a30303a3030 // "00:00:00", first character in the lowest byte
		limits = 0x767a7f767a7f767d // 0x7f less 2 9 0 5 9 0 5 9
	)
	x := w ^ zeros
	if (x+limits|x)&highs != 0 {
		return 0, false
	}
	x = x*10 + x>>8
	h, m, s := int64(x&0xff), int64(x>>24&0xff), int64(x>>48&0xff)
	return (h*3600 + m*60 + s) * 1000, h < 24
}

// fraction reads what may follow the seconds at i: a point and 1 to 9 digits, cut to milliseconds. It gives the
// place after it, -1 where the form is wrong.
func fraction(t []byte, i int) (ms int64, next int) {
	if t[i] != '.' {
		return 0, i
	}
	a, b, c := t[i+1]-'0', t[i+2]-'0', t[i+3]-'0'
	if a <= 9 && b <= 9 && c <= 9 && t[i+4]-'0' > 9 { // Fast path
		return int64(a)*100 + int64(b)*10 + int64(c), i + 4
	}
	i++
	scale, first := int64(100), i
	for ; t[i]-'0' <= 9; i++ {
		ms += int64(t[i]-'0') * scale
		scale /= 10
		if i-first == 9 {
			return 0, -1
		}
	}
	if i == first {
		return 0, -1
	}
	return ms, i
}

// zone reads Z or an offset from -23:59 to +23:59 at i, in milliseconds east of UTC, and gives the place after it;
// -1 where the form is wrong.
func zone(t []byte, i int) (ms int64, next int) {
	if i < 0 {
		return 0, -1
	}
	if t[i] == 'Z' {
		return 0, i + 1
	}
	h1, h2, m1, m2 := t[i+1]-'0', t[i+2]-'0', t[i+4]-'0', t[i+5]-'0'
	h := int64(h1)*10 + int64(h2)
	if h1 > 2 || h2 > 9 || m1 > 5 || m2 > 9 || h > 23 || t[i+3] != ':' {
		return 0, -1
	}
	ms = (h*60 + int64(m1)*10 + int64(m2)) * 60_000
	switch t[i] {
	case '+':
		return ms, i + 6
	case '-':
		return -ms, i + 6
	}
	return 0, -1
}

// unixMs reads integer Unix milliseconds.
func unixMs(t []byte) (ms int64, ok bool) {
	ms, ok = integer(t)
	return ms, ok && ms >= minMs && ms < maxMs
}
