package aggregate

// Verdict is what became of one record, in the order in which the rules are asked (CONTRACT.md §1).
type Verdict uint8

// The verdicts. A record has exactly one.
const (
	Rejected Verdict = iota + 1
	Duplicate
	Outside
	Counted
)

// String gives the verdict's word, as stored in the column `verdict`.
func (v Verdict) String() string {
	return [...]string{"", "rejected", "duplicate", "outside", "counted"}[v]
}

// Reason says why a record is rejected. Zero is accepted. It packs the kind and, where there is one, the field.
type Reason uint16

// The reasons that name no field, and the bases of those that do.
const (
	Accepted        Reason = 0
	TooLarge        Reason = 1
	NotJSON         Reason = 2
	CurrencyUnknown Reason = 3
	badBase         Reason = 0x100
	missingBase     Reason = 0x200
	futureBase      Reason = 0x300
)

// MaxValueBytes is the largest record value that is read as an order; longer ones are rejected as too_large
// (CONTRACT.md §1).
const MaxValueBytes = 64 << 10

// FutureMs is how far an event time may lie after the record's Kafka timestamp (CONTRACT.md §1: five minutes).
const FutureMs = 5 * 60 * 1000

// Bad is the reason bad:<field>.
func Bad(f Field) Reason { return badBase + Reason(f) }

// Missing is the reason missing:<field>.
func Missing(f Field) Reason { return missingBase + Reason(f) }

// Future is the reason future:<field>.
func Future(f Field) Reason { return futureBase + Reason(f) }

// String gives the contract's words for the reason, such as "bad:amount".
func (r Reason) String() string {
	switch r {
	case Accepted:
		return ""
	case TooLarge:
		return "too_large"
	case NotJSON:
		return "not_json"
	case CurrencyUnknown:
		return "currency_unknown"
	}
	field := Field(r & 0xff).String()
	switch r &^ 0xff {
	case badBase:
		return "bad:" + field
	case missingBase:
		return "missing:" + field
	default:
		return "future:" + field
	}
}

// ReasonOf gives the reason of the contract's words; ok is false where there is none such.
func ReasonOf(words string) (r Reason, ok bool) {
	for _, r := range []Reason{TooLarge, NotJSON, CurrencyUnknown} {
		if r.String() == words {
			return r, true
		}
	}
	for f := range Fields {
		for _, r := range []Reason{Bad(f), Missing(f), Future(f)} {
			if r.String() == words {
				return r, true
			}
		}
	}
	return Accepted, false
}
