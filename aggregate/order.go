package aggregate

// Status says which event of an order's life a record is. Only the three values below are decoded.
type Status uint8

// The statuses of CONTRACT.md §1. Zero is no status, so that a forgotten assignment never counts.
const (
	Created Status = iota + 1
	Paid
	Refunded
)

// String gives the contract's word for the status.
func (s Status) String() string {
	return [...]string{"", "created", "paid", "refunded"}[s]
}

// Flag is an optional boolean of a record: absent, false or true.
type Flag uint8

// The values of Flag.
const (
	FlagAbsent Flag = iota
	FlagFalse
	FlagTrue
)

// NoDate stands for an absent BuyerSince.
const NoDate int32 = -1 << 31

// Order is one decoded event (CONTRACT.md §1). Byte slices alias the record's value or the decoder's scratch and
// are valid until the decoder's next call; an absent string is nil. Closed sets are codes of the Rules'
// catalogues, 0 for unknown or absent. City is nil unless it has one of the contract's two forms.
type Order struct {
	OrderID    []byte
	MerchantID []byte
	RefundID   []byte
	BuyerID    []byte
	BrandID    []byte
	ProductID  []byte
	StoreID    []byte
	TeamID     []byte
	ShowID     []byte
	Broadcast  []byte
	City       []byte

	CreatedMs  int64 // Unix milliseconds, 0 when absent
	PaidMs     int64 // Unix milliseconds, 0 when absent
	RefundedMs int64 // Unix milliseconds, 0 when absent

	AmountMinor   int64 // in the currency's minor units, 1 to 10^9 major units
	EnvelopeMinor int64 // red_envelope in minor units, -1 when absent
	Quantity      int32 // 1 to 10^6, 0 when absent
	BuyerSince    int32 // days since 1970-01-01, NoDate when absent

	Status          Status
	Currency        uint8 // index into Rules.Rates
	BuyerCountry    uint8
	MerchantCountry uint8
	Province        uint8
	Device          uint8
	Channel         uint8
	Marketplace     uint8
	Category        uint8
	NewProduct      Flag
}

// EventMs is the event time: the time field that the status names, in Unix milliseconds. No branch depends on the status,
// which cannot be predicted.
func (o *Order) EventMs() int64 {
	ms, created, paid := o.RefundedMs, o.CreatedMs, o.PaidMs
	if o.Status == Created {
		ms = created
	}
	if o.Status == Paid {
		ms = paid
	}
	return ms
}
