package main

import (
	"fmt"
	"strconv"
	"strings"
)

// fault is one way to spoil a good order, and the reason for which the record must then be rejected.
type fault struct {
	reason string
	spoil  func(s *shop, o *order) string
}

// allFaults has every reason of the contract at least once.
func allFaults() (all []fault) {
	set := func(reason, name string, values ...string) {
		for _, v := range values {
			all = append(all, fault{reason, func(_ *shop, o *order) string { o.set(name, v); return o.text() }})
		}
	}
	whole := func(reason string, change func(string) string) {
		all = append(all, fault{reason, func(_ *shop, o *order) string { return change(o.text()) }})
	}
	tail := func(reason, more string) {
		whole(reason, func(text string) string { return text[:len(text)-1] + more + "}" })
	}
	whole("too_large", func(text string) string {
		return text[:len(text)-1] + `,"note":"` + strings.Repeat("x", 65_537-len(text)-10) + `"}` // 65,537 bytes
	})
	whole("too_large", func(string) string { return strings.Repeat("\xff", 70_000) })
	notJSON(whole, tail)
	id65 := strconv.Quote(strings.Repeat("長", 21) + "ab")
	for _, name := range []string{"order_id", "merchant_id", "refund_id", "buyer_id", "brand_id", "product_id", "store_id", "team_id", "show_id", "broadcast"} {
		set("bad:"+name, name, `""`, id65, "7", "true", "{}")
	}
	for _, name := range []string{"buyer_country", "merchant_country", "province", "city", "device", "channel", "marketplace", "category"} {
		set("bad:"+name, name, "86", "[]", "false")
	}
	set("bad:status", "status", `"cancelled"`, `"Paid"`, "1")
	set("bad:currency", "currency", `"cny"`, `"RMB "`, `"¥"`, "156")
	set("currency_unknown", "currency", `"XTS"`, `"GBP"`)
	set("bad:amount", "amount", `"0"`, `"-1"`, `"1e3"`, "1e3", `"01.00"`, `".5"`, `"5."`, `"1000000000.01"`, `"1000000001"`, `"1.0001"`, `"1,000"`, "true", `" 1"`, `""`, "0.0")
	set("bad:red_envelope", "red_envelope", `"-1.00"`, `"x"`, "[]", `"1.0005"`)
	set("bad:quantity", "quantity", "0", "1000001", "1.0", `"1"`, "-3")
	set("bad:new_product", "new_product", "1", `"true"`)
	set("bad:buyer_since", "buyer_since", `"2015-02-29"`, `"2015-2-28"`, "2015", `"2015-02-28T00:00:00Z"`)
	times(&all, set)
	for _, name := range []string{"order_id", "status", "currency", "amount", "merchant_id"} {
		set("missing:"+name, name, "null")
		all = append(all, fault{"missing:" + name, func(_ *shop, o *order) string { o.drop(name); return o.text() }})
	}
	for _, name := range []string{"amount", "device", "status", "order_id"} {
		tail("bad:"+name, `,"`+name+`":null`) // given twice
	}
	all = append(all, fault{"bad:status", func(_ *shop, o *order) string { // the first of two reasons
		o.set("merchant_id", "5")
		o.set("status", "null")
		return strings.Replace(o.text(), `"status":null`, `"status":[]`, 1)
	}})
	return all
}

func notJSON(whole func(string, func(string) string), tail func(string, string)) {
	whole("not_json", func(string) string { return "" })
	whole("not_json", func(string) string { return "null" })
	whole("not_json", func(text string) string { return text[:len(text)/2] })
	whole("not_json", func(text string) string { return "[" + text + "]" })
	whole("not_json", func(text string) string { return text + text })
	whole("not_json", func(text string) string { return "\ufeff" + text })
	whole("not_json", func(text string) string { return strings.Replace(text, `"status"`, `'status'`, 1) })
	tail("not_json", ",")
	tail("not_json", `,"note":"\ud83d"`)
	tail("not_json", `,"note":"\ude00\ud83d"`)
	tail("not_json", ",\"note\":\"\xc3\x28\"")
	tail("not_json", ",\"note\":\"\x01\"")
	tail("not_json", `,"note":01`)
	tail("not_json", `,"note":`+strings.Repeat("[", 64)+strings.Repeat("]", 64)) // 65 deep
}

// times has the faults of event times: form, range, absence, the future.
func times(all *[]fault, set func(reason, name string, values ...string)) {
	for _, name := range []string{"created_at", "paid_at", "refunded_at"} {
		set("bad:"+name, name, `"2026-11-11 00:00:07+08:00"`, `"2026-11-11T00:00:60+08:00"`, `"2026-11-11T00:00:07"`, `"2026-02-30T00:00:00Z"`,
			`"2026-11-11t00:00:07z"`, "1794326407", "4102444800000", "1794326407000.0", "true", `"1794326407000"`)
		status := strings.TrimSuffix(name, "_at")
		*all = append(*all,
			fault{"missing:" + name, func(_ *shop, o *order) string {
				o.set("status", strconv.Quote(status))
				o.drop(name)
				return o.text()
			}},
			fault{"future:" + name, func(_ *shop, o *order) string {
				o.kafkaMs = o.eventMs - 300_001
				o.set("status", strconv.Quote(status))
				o.set(name, fmt.Sprint(o.eventMs))
				return o.text()
			}})
	}
}

func (o *order) drop(name string) {
	for i, n := range o.names {
		if n == name {
			o.names = append(o.names[:i], o.names[i+1:]...)
			delete(o.values, name)
			return
		}
	}
}
