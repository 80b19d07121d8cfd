package decode

import "festival/aggregate"

// date gives a day, aggregate.NoDate where it is absent.
func (d *Decoder) date(f aggregate.Field) int32 {
	if !d.isText(f) {
		return aggregate.NoDate
	}
	days, ok := date(d.given(f))
	d.expect(f, ok)
	return days
}

// date reads YYYY-MM-DD, a day of the Gregorian calendar, as days since 1970-01-01.
func date(t []byte) (days int32, ok bool) {
	if len(t) != 10 || t[4] != '-' || t[7] != '-' {
		return 0, false
	}
	for i, c := range t {
		if i != 4 && i != 7 && c-'0' > 9 {
			return 0, false
		}
	}
	y := int32(two(t))*100 + int32(two(t[2:]))
	m, d := int32(two(t[5:])), int32(two(t[8:]))
	if m < 1 || m > 12 || d < 1 || d > monthDays(y, m) {
		return 0, false
	}
	return civil(y, m, d), true
}

func two(t []byte) int { return int(t[0]-'0')*10 + int(t[1]-'0') }

func monthDays(y, m int32) int32 {
	days := 30 + (m+m>>3)&1
	if m == 2 {
		if days = 28; y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			days = 29
		}
	}
	return days
}

// civil counts days since 1970-01-01 of a valid date from year 0 on (H. Hinnant, "chrono-Compatible Low-Level Date
// Algorithms": years begin in March, so that the leap day is the last). The 400 years added keep the era positive.
func civil(y, m, d int32) int32 {
	y += 400
	if m <= 2 {
		y--
	}
	era, yoe := y/400, y%400
	doy := (153*((m+9)%12)+2)/5 + d - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468 - 146097
}
