package decode

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"festival/aggregate"
)

// writer makes random records, most of them good or almost good.
type writer struct {
	r *rand.Rand
}

// chance is true once in n times.
func (g *writer) chance(n int) bool { return g.r.IntN(n) == 0 }

func (g *writer) pick(s ...string) string { return s[g.r.IntN(len(s))] }

// record gives an object of the required fields and some others in any order, then, sometimes, tears it.
func (g *writer) record() []byte {
	if g.chance(2000) {
		return []byte(`{"x":"` + strings.Repeat("a", 65520+g.r.IntN(30)) + `"}`)
	}
	var members []string
	evil := g.chance(3)
	for f := range aggregate.Fields {
		if !isRequired(f) && !g.chance(4) || g.chance(300) {
			continue
		}
		members = append(members, g.member(f, evil))
	}
	if evil && g.chance(4) {
		members = append(members, g.member(aggregate.Field(g.r.IntN(int(aggregate.Fields))), true))
	}
	for g.chance(3) {
		members = append(members, g.key(g.pick("x", "", "Order_id", "extra field", "zahlung"))+":"+g.anything(1))
	}
	if g.chance(2) {
		g.r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	}
	v := []byte(g.space() + "{" + strings.Join(members, g.space()+","+g.space()) + g.space() + "}" + g.space())
	if g.chance(4) {
		v = g.tear(v)
	}
	return v
}

func isRequired(f aggregate.Field) bool {
	return required>>f&1 == 1 || f == aggregate.FieldCreatedAt || f == aggregate.FieldPaidAt || f == aggregate.FieldRefundedAt
}

func (g *writer) member(f aggregate.Field, evil bool) string {
	value := g.good(f)
	if evil && g.chance(8) {
		value = g.bad(f)
	}
	return g.key(f.String()) + g.space() + ":" + g.space() + value
}

// key quotes a name and sometimes spells a character of it as an escape.
func (g *writer) key(name string) string {
	if name != "" && g.chance(30) {
		i := g.r.IntN(len(name))
		return fmt.Sprintf(`"%s\u%04x%s"`, name[:i], name[i], name[i+1:])
	}
	return `"` + name + `"`
}

func (g *writer) space() string {
	if !g.chance(12) {
		return ""
	}
	return g.pick(" ", "\t", "\n", "\r", "  \n ")
}

// good gives a value that is mostly accepted.
func (g *writer) good(f aggregate.Field) string {
	switch f {
	case aggregate.FieldStatus:
		return g.pick(`"paid"`, `"paid"`, `"created"`, `"refunded"`, `"p\u0061id"`)
	case aggregate.FieldCreatedAt, aggregate.FieldPaidAt, aggregate.FieldRefundedAt:
		return g.time()
	case aggregate.FieldCurrency:
		return g.pick(`"CNY"`, `"CNY"`, `"CNY"`, `"JPY"`, `"KWD"`, `"GBP"`, `"USD"`, `"EUR"`, `"CLF"`)
	case aggregate.FieldAmount, aggregate.FieldRedEnvelope:
		return g.decimal()
	case aggregate.FieldBuyerCountry, aggregate.FieldMerchantCountry:
		return g.pick(`"CN"`, `"IT"`, `"ZW"`, `"ZZ"`, `""`, `"cn"`, "null")
	case aggregate.FieldProvince:
		return g.pick(`"330000"`, `"820000"`, `"330100"`, "null")
	case aggregate.FieldCity:
		return g.pick(`"330100"`, `"FRPAR"`, `"FRP1R"`, `"US2Z9"`, `"33010"`, `"Hangzhou"`, `""`)
	case aggregate.FieldDevice:
		return g.pick(`"app"`, `"mobile_web"`, `"mini_program"`, `"desktop"`, `"store_terminal"`, `"tv"`)
	case aggregate.FieldChannel:
		return g.pick(`"online"`, `"community_store"`, `"o2o"`, `"rural"`, `"shop"`)
	case aggregate.FieldMarketplace:
		return g.pick(`"tmall"`, `"tmall_global"`, `"aliexpress"`, `"tmall_"`, "null")
	case aggregate.FieldCategory:
		return g.pick(`"beauty"`, `"musical_instruments_and_scores"`, `"services"`, `"unknown"`)
	case aggregate.FieldQuantity:
		return g.pick("1", "2", "1000000", "17", "null")
	case aggregate.FieldNewProduct:
		return g.pick("true", "false", "null")
	case aggregate.FieldBuyerSince:
		return g.pick(`"2019-11-11"`, `"2024-02-29"`, `"0001-01-01"`, `"9999-12-31"`)
	}
	return g.id()
}

func (g *writer) id() string {
	if !g.chance(8) {
		return fmt.Sprintf(`"%s%d"`, g.pick("m", "b", "", "s-"), g.r.IntN(1e9))
	}
	n := g.pick("a", "é", "中", "😀", `\n`, `\u4e2d`, `\ud83d\ude00`, `\"`, `\\`, `\/`)
	return `"` + strings.Repeat("x", g.r.IntN(4)) + strings.Repeat(n, 1+g.r.IntN(22)) + `"`
}

func (g *writer) time() string {
	switch g.r.IntN(8) {
	case 0:
		return fmt.Sprint(kafkaMs + g.r.IntN(700_000) - 350_000)
	case 1:
		return fmt.Sprintf(`"%04d-%02d-%02dT%02d:%02d:%02d%s%s"`, 1998+g.r.IntN(104), g.r.IntN(14), g.r.IntN(33),
			g.r.IntN(26), g.r.IntN(62), g.r.IntN(62), g.fraction(), g.zone())
	case 2:
		return fmt.Sprintf(`"2026-11-%02dT%02d:%02d:%02d%s%s"`, 1+g.r.IntN(30), g.r.IntN(24), g.r.IntN(60), g.r.IntN(60),
			g.fraction(), g.zone())
	}
	return fmt.Sprintf(`"2026-11-11T00:%02d:%02d.%03d+08:00"`, g.r.IntN(6), g.r.IntN(60), g.r.IntN(1000))
}

func (g *writer) fraction() string {
	if g.chance(2) {
		return ""
	}
	return "." + fmt.Sprintf("%012d", g.r.Int64N(1e12))[:g.r.IntN(11)]
}

func (g *writer) zone() string {
	if g.chance(3) {
		return g.pick("Z", "Z", "+00:00", "-00:00", "+23:59", "-23:59", "z", "", "+0800", "+24:00", "+08:60", "+8:00")
	}
	return fmt.Sprintf("%s%02d:%02d", g.pick("+", "-"), g.r.IntN(15), g.pick2())
}

func (g *writer) pick2() int { return []int{0, 0, 30, 45}[g.r.IntN(4)] }

func (g *writer) decimal() string {
	d := fmt.Sprint(g.r.IntN(5000))
	if g.chance(20) {
		d = g.pick("1000000000", "999999999", "1000000001", "0", "123456789012345678901", "00", "01", "")
	}
	switch g.r.IntN(6) {
	case 0:
	case 1:
		d += "." + g.pick("0", "00", "000", "0000000", "5", "50", "125", "1250", "1251", "12345", "", "0000000000000000001")
	default:
		d += fmt.Sprintf(".%02d", g.r.IntN(100))
	}
	if g.chance(30) {
		d = g.pick("-", "+", " ", "") + d + g.pick("e2", "E0", " ", ".1", "")
	}
	if g.chance(3) {
		return d
	}
	return `"` + d + `"`
}

// bad gives a value that is mostly refused for its field, or by JSON.
func (g *writer) bad(f aggregate.Field) string {
	switch g.r.IntN(6) {
	case 0:
		return "null"
	case 1:
		return g.good(aggregate.Field(g.r.IntN(int(aggregate.Fields))))
	case 2:
		return `"` + strings.Repeat(g.pick("a", "中", `\u00e9`), 20+g.r.IntN(50)) + `"`
	case 3:
		return g.pick("0", "-0", "-1", "1.0", "1e1", "1000001", "99999999999999999999", "01", "1.", ".5", "+1", "tru", "1e")
	}
	return g.anything(1)
}

// anything gives any JSON value, and seldom what is almost one.
func (g *writer) anything(depth int) string {
	switch n := g.r.IntN(12); {
	case n < 2 && depth < 5:
		return "[" + g.space() + g.list(depth, "") + g.space() + "]"
	case n < 4 && depth < 5:
		return "{" + g.space() + g.list(depth, `"k":`) + "}"
	case n == 4 && g.chance(30):
		k := 60 + g.r.IntN(6)
		return strings.Repeat("[", k) + strings.Repeat("]", k)
	case n == 5 && g.chance(10):
		return g.pick(`"\ud800"`, `"\udc00x"`, `"\ud800\ud800"`, "\"\xff\"", "\"\xed\xa0\x80\"", "\"\x01\"", `"\x"`, `"\u00"`, "'a'")
	}
	return g.pick("null", "true", "false", "0", "-1.5E+10", "1e999", `""`, `"text"`, `"\u00e9\n"`, `"中"`, g.id())
}

func (g *writer) list(depth int, key string) string {
	var items []string
	for range g.r.IntN(3) {
		items = append(items, key+g.anything(depth+1))
	}
	return strings.Join(items, ",")
}

// tear changes a few bytes anywhere: set, insert, delete, cut, double.
func (g *writer) tear(v []byte) []byte {
	const bytes = "\"\\{}[],:0159eE+-.tfnu \x00\x1f\x7f\x80\xbf\xc3\xe4\xed\xf4\xffTZ"
	for range 1 + g.r.IntN(2) {
		if len(v) == 0 {
			return v
		}
		i, j := g.r.IntN(len(v)), g.r.IntN(len(v))
		c := bytes[g.r.IntN(len(bytes))]
		switch g.r.IntN(6) {
		case 0, 1:
			v[i] = c
		case 2:
			v = append(v[:i:i], append([]byte{c}, v[i:]...)...)
		case 3:
			v = append(v[:i:i], v[i+1:]...)
		case 4:
			v = v[:i]
		case 5:
			v = append(v[:i:i], append([]byte(nil), v[min(i, j):]...)...)
		}
	}
	return v
}
