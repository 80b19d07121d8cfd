package recount

import (
	"strconv"
	"strings"
	"time"
)

// The years that a time may lie in, UTC: 2000 to 2099 (CONTRACT.md §1).
var (
	firstMs = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	endMs   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
)

// timestamp reads a time field: an RFC 3339 string with zone, or integer Unix milliseconds.
func timestamp(at func(*Order) *int64) func(*Order, *Rules, string) bool {
	return func(o *Order, _ *Rules, literal string) bool {
		var ms int64
		s, ok := text(literal)
		if ok {
			ms, ok = rfc3339(s)
		} else {
			ms, ok = whole(literal)
		}
		*at(o) = ms
		return ok && ms >= firstMs && ms < endMs
	}
}

// timeForm are the characters of the first 19 bytes of a time, 0 for a digit.
const timeForm = "0000-00-00T00:00:00"

// rfc3339 gives the Unix milliseconds of a time in RFC 3339 as the contract narrows it: capital T and Z, seconds 00 to 59,
// one to nine decimals, of which those past the third are cut.
func rfc3339(s string) (ms int64, ok bool) {
	if len(s) < len(timeForm)+1 || !hasForm(s[:len(timeForm)], timeForm) {
		return 0, false
	}
	second, err := time.Parse(time.RFC3339, s[:len(timeForm)]+"Z") // as if in UTC; refuses 30 February, hour 24, second 60
	if err != nil {
		return 0, false
	}
	at := strings.IndexAny(s[len(timeForm):], "Z+-")
	if at < 0 {
		return 0, false
	}
	decimals, zone := s[len(timeForm):len(timeForm)+at], s[len(timeForm)+at:]
	thousandths, ok := milliseconds(decimals)
	ahead, ok2 := zoneMs(zone)
	return second.UnixMilli() + thousandths - ahead, ok && ok2
}

// hasForm tells whether a text has a form: 0 stands for any digit, everything else for itself.
func hasForm(s, form string) bool {
	if len(s) != len(form) {
		return false
	}
	for i := range len(s) {
		if form[i] == '0' && (s[i] < '0' || s[i] > '9') || form[i] != '0' && s[i] != form[i] {
			return false
		}
	}
	return true
}

// milliseconds reads nothing, or a point and one to nine digits.
func milliseconds(decimals string) (ms int64, ok bool) {
	if decimals == "" {
		return 0, true
	}
	digits := decimals[1:]
	if decimals[0] != '.' || len(digits) < 1 || len(digits) > 9 || !hasForm(digits, "000000000"[:len(digits)]) {
		return 0, false
	}
	ms, err := strconv.ParseInt((digits + "000")[:3], 10, 64)
	return ms, err == nil
}

// zoneMs is how far a zone is ahead of UTC: Z, or RFC 3339's hours 00-23 and minutes 00-59; -00:00 is a zone too.
func zoneMs(zone string) (ms int64, ok bool) {
	if zone[0] == 'Z' {
		return 0, zone == "Z"
	}
	if !hasForm(zone[1:], "00:00") {
		return 0, false
	}
	hours, _ := strconv.ParseInt(zone[1:3], 10, 64)
	minutes, _ := strconv.ParseInt(zone[4:6], 10, 64)
	ms = (hours*60 + minutes) * 60_000
	if zone[0] == '-' {
		ms = -ms
	}
	return ms, hours <= 23 && minutes <= 59
}
