package recount

import (
	"regexp"
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
		ms, ok := whole(literal)
		if s, isText := text(literal); isText {
			ms, ok = rfc3339(s)
		}
		*at(o) = ms
		return ok && ms >= firstMs && ms < endMs
	}
}

// timeForm is RFC 3339 as the contract narrows it: capital T and Z, seconds 00 to 59, one to nine decimals. The
// hours and minutes of the zone are RFC 3339's 00-23 and 00-59; -00:00 is a zone too.
var timeForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]` +
	`(?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$`)

// rfc3339 gives the Unix milliseconds of a time; decimals past the third are cut.
func rfc3339(s string) (ms int64, ok bool) {
	if !timeForm.MatchString(s) {
		return 0, false
	}
	second, err := time.Parse("2006-01-02T15:04:05", s[:19]) // as if in UTC; refuses 30 February
	if err != nil {
		return 0, false
	}
	zone := s[strings.LastIndexAny(s, "Z+-"):]
	decimals := strings.TrimPrefix(s[19:len(s)-len(zone)], ".")
	thousandths, _ := strconv.ParseInt((decimals + "000")[:3], 10, 64)
	return second.UnixMilli() + thousandths - zoneMs(zone), true
}

// zoneMs is how far a zone is ahead of UTC.
func zoneMs(zone string) int64 {
	if zone == "Z" {
		return 0
	}
	hours, minutes, _ := strings.Cut(zone[1:], ":")
	h, _ := strconv.ParseInt(hours, 10, 64)
	m, _ := strconv.ParseInt(minutes, 10, 64)
	ms := (h*60 + m) * 60_000
	if zone[0] == '-' {
		return -ms
	}
	return ms
}
