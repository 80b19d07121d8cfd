package recount

// Order is one event as the contract reads it. Closed sets and city are their names, Unknown where absent or
// outside; open strings are "" where absent (a present one is never empty).
type Order struct {
	OrderID    string
	Status     string // created, paid, refunded
	CreatedMs  int64  // Unix milliseconds, 0 absent (a present one is at least the year 2000)
	PaidMs     int64
	RefundedMs int64
	Currency   string
	// AmountMinor is in the currency's minor units.
	AmountMinor int64

	MerchantID, RefundID, BuyerID, BrandID, ProductID, StoreID, TeamID, ShowID, Broadcast string

	BuyerCountry, MerchantCountry, Province, City, Device, Channel, Marketplace, Category string

	Quantity      int64  // 0 absent
	EnvelopeMinor int64  // red_envelope in minor units, -1 absent
	NewProduct    string // "", "false", "true"
	BuyerSince    string // YYYY-MM-DD, "" absent
}

// EventMs is the event time: the field that the status names.
func (o *Order) EventMs() int64 {
	switch o.Status {
	case "created":
		return o.CreatedMs
	case "paid":
		return o.PaidMs
	}
	return o.RefundedMs
}

// Mobile tells whether the device is one of the three mobile ones.
func (o *Order) Mobile() bool { return mobiles[o.Device] }
