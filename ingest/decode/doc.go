// Package decode reads the value of one Kafka record as an order event: bytes come in, an aggregate.Order or the
// one reason for which the record is rejected goes out (CONTRACT.md §1).
//
// It is one pass over the bytes and allocates nothing. The value is copied once into a scratch that ends in zero
// bytes, so that words of eight bytes may be loaded anywhere and a zero, which no JSON text holds, ends every loop.
// Field names are guessed from the name before (predicted.go); a wrong guess costs a look-up and nothing else, so
// any order, white space, escapes and unknown fields are read by the same code. The ends of times, dates and codes are
// guessed too (trusted.go); only a record in which such a guess was wrong is read twice.
//
// Where the processor has AVX-512 VBMI2, a record that is one flat object without white space, escapes and faults, as
// nearly all are, goes a shorter way (flat_amd64.go). It gives up at whatever it does not expect, so that the general way
// alone says what is wrong with a record.
//
// Where CONTRACT.md §1 is silent, this package does the following; docs/definitions.md repeats it:
//
//   - White space is JSON's four characters, also before and after the object. A record that holds a second value
//     after the object is not_json.
//   - Field names and open strings may hold any character, \u0000 too. Unknown fields may repeat, and so may names
//     inside nested objects; only known names in the outer object are fields.
//   - An empty open string is bad (1 to 64 bytes). Strings of closed sets, city too, may be empty or of any length
//     and then count under unknown; only another JSON type than string or null is bad.
//   - A field given twice is bad even if both are null. A null counts as absent, so a required one is missing.
//   - Times: a zone is Z or an offset from 00:00 to 23:59 with either sign, -00:00 too; a fraction has 1 to 9 digits
//     after a point; the hour is 00 to 23. The year of the text itself may be 1999 or 2100 where its offset brings
//     it within 2000 to 2099 in UTC. Integer times have no fraction, no exponent and no sign; text of digits is
//     not a time.
//   - amount and red_envelope: at most 10^9 major units each, the same form as string and as number, so a sign or
//     an exponent is bad; any number of zeros may follow the minor unit. red_envelope is held against the
//     currency's minor unit too. Where the currency is bad, missing or unknown, that is the reason.
//   - buyer_since: any date of the Gregorian calendar, years 0000 to 9999.
//   - future:<field> is asked of the event time only, after it is cut to milliseconds, and only of records that
//     have no other fault.
package decode
