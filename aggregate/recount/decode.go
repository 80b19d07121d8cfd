package recount

// field is one line of the contract's table: its name, and what reads it. read gets the value's JSON literal where
// the field is present and not null, and tells whether it is what the contract wants.
type field struct {
	name     string
	read     func(o *Order, rules *Rules, literal string) bool
	required func(o *Order) bool
}

// order is CONTRACT.md §1's table, top to bottom: reasons are looked for in this order.
var order = [fieldCount]field{
	{"order_id", id(func(o *Order) *string { return &o.OrderID }), always},
	{"status", readStatus, always},
	{"created_at", timestamp(func(o *Order) *int64 { return &o.CreatedMs }), ofStatus("created")},
	{"paid_at", timestamp(func(o *Order) *int64 { return &o.PaidMs }), ofStatus("paid")},
	{"refunded_at", timestamp(func(o *Order) *int64 { return &o.RefundedMs }), ofStatus("refunded")},
	{"currency", readCurrency, always},
	{"amount", readAmount, always},
	{"merchant_id", id(func(o *Order) *string { return &o.MerchantID }), always},
	{"refund_id", id(func(o *Order) *string { return &o.RefundID }), never},
	{"buyer_id", id(func(o *Order) *string { return &o.BuyerID }), never},
	{"brand_id", id(func(o *Order) *string { return &o.BrandID }), never},
	{"product_id", id(func(o *Order) *string { return &o.ProductID }), never},
	{"store_id", id(func(o *Order) *string { return &o.StoreID }), never},
	{"team_id", id(func(o *Order) *string { return &o.TeamID }), never},
	{"show_id", id(func(o *Order) *string { return &o.ShowID }), never},
	{"broadcast", id(func(o *Order) *string { return &o.Broadcast }), never},
	{"buyer_country", oneOf(countries, func(o *Order) *string { return &o.BuyerCountry }), never},
	{"merchant_country", oneOf(countries, func(o *Order) *string { return &o.MerchantCountry }), never},
	{"province", oneOf(provinces, func(o *Order) *string { return &o.Province }), never},
	{"city", readCity, never},
	{"device", oneOf(devices, func(o *Order) *string { return &o.Device }), never},
	{"channel", oneOf(channels, func(o *Order) *string { return &o.Channel }), never},
	{"marketplace", readMarketplace, never},
	{"category", readCategory, never},
	{"quantity", readQuantity, never},
	{"red_envelope", readEnvelope, never},
	{"new_product", readNewProduct, never},
	{"buyer_since", readBuyerSince, never},
}

// fieldCount is how many known fields there are.
const fieldCount = 28

// lines are the lines of the table by the length of their names: a few comparisons find one.
var lines = byLength(order[:])

func byLength(table []field) (lines [20][]int) {
	for i, f := range table {
		lines[len(f.name)] = append(lines[len(f.name)], i)
	}
	return lines
}

func always(*Order) bool { return true }
func never(*Order) bool  { return false }

func ofStatus(status string) func(*Order) bool {
	return func(o *Order) bool { return o.Status == status }
}

// futureMs is how far an event time may lie after the Kafka timestamp: five minutes (CONTRACT.md §1).
const futureMs = 5 * 60 * 1000

// Decode reads one record value: the order, or the first reason of CONTRACT.md §1 for which it is rejected ("" for
// none). kafkaMs is the record's Kafka timestamp (for LogAppendTime the batch's), Unix milliseconds; below 1 there
// is none and no event is in the future.
func Decode(value []byte, kafkaMs int64, rules *Rules) (Order, string) {
	var o Order
	if reason := decode(value, kafkaMs, rules, &o); reason != "" {
		return Order{}, reason
	}
	return o, ""
}

// decode leaves anything in the order where it gives a reason.
func decode(value []byte, kafkaMs int64, rules *Rules, o *Order) string {
	if len(value) > maxValue {
		return "too_large"
	}
	var found fields
	if !found.read(string(value)) {
		return "not_json"
	}
	*o = Order{EnvelopeMinor: -1, BuyerCountry: Unknown, MerchantCountry: Unknown, Province: Unknown, City: Unknown,
		Device: Unknown, Channel: Unknown, Marketplace: Unknown, Category: Unknown}
	for i := range order {
		if reason := order[i].look(o, rules, found.literal[i], found.times[i]); reason != "" {
			return reason
		}
	}
	if kafkaMs >= 1 && o.EventMs() > kafkaMs+futureMs {
		return "future:" + o.Status + "_at"
	}
	return ""
}

// look asks one line of the table about the value that was given so many times, and gives its reason, "" where the
// field is in order.
func (f *field) look(o *Order, rules *Rules, literal string, times int) string {
	if times > 1 {
		return "bad:" + f.name
	}
	if literal == "" || literal == "null" {
		if f.required(o) {
			return "missing:" + f.name
		}
		return ""
	}
	if !f.read(o, rules, literal) {
		return "bad:" + f.name
	}
	if f.name == "currency" && !rules.has(o.Currency) {
		return "currency_unknown"
	}
	return ""
}

func (r *Rules) has(currency string) bool {
	_, ok := r.rates[currency]
	return ok
}
