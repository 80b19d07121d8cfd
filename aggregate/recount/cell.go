package recount

import "fmt"

// The dimensions of cells by number, in canonical order (docs/definitions.md, cells).
const (
	Total uint8 = iota + 1
	Device
	Country
	Province
	City
	Category
	Marketplace
	Channel
	Flow
	Merchant
	Log
)

// NoWindow is the window of log cells.
const NoWindow uint8 = 255

// dimName is a dimension's name in seals, by number.
var dimName = [...]string{Total: "total", Device: "device", Country: "country", Province: "province",
	City: "city", Category: "category", Marketplace: "marketplace", Channel: "channel", Flow: "flow",
	Merchant: "merchant", Log: "log"}

// step is the width of a dimension's buckets in seconds, 0 for none.
var step = [...]int64{Total: 1, Device: 1, Country: 1, Province: 60, City: 60, Category: 60, Marketplace: 60,
	Channel: 60, Flow: 60, Merchant: 0, Log: 0}

// DimName gives a dimension's name, "" for a number that is none.
func DimName(dim uint8) string {
	if dim > Log {
		return ""
	}
	return dimName[dim]
}

// CellKey names a cell within its partition and segment.
type CellKey struct {
	Window uint8 // index into the ledger's windows, or NoWindow
	Dim    uint8
	Key    string
	Bucket int64 // Unix second at which the bucket begins, 0 for none
}

// String names the cell as differences show it.
func (k CellKey) String() string {
	return fmt.Sprintf("window %d %s %q bucket %d", k.Window, DimName(k.Dim), k.Key, k.Bucket)
}

// Measures are a cell's sums; money in CNY fen.
type Measures struct {
	Orders, GmvFen, MobileOrders, MobileGmvFen, Created, Refunds, RefundFen int64
}

// List gives the measures in the order in which cells are stored and sealed.
func (m Measures) List() [7]int64 {
	return [7]int64{m.Orders, m.GmvFen, m.MobileOrders, m.MobileGmvFen, m.Created, m.Refunds, m.RefundFen}
}

// Plus adds; a sum past 2^53-1 is an error, as it stops a partition (DESIGN.md §2). Measures are never negative.
func (m Measures) Plus(n Measures) (Measures, error) {
	sum := Measures{m.Orders + n.Orders, m.GmvFen + n.GmvFen, m.MobileOrders + n.MobileOrders,
		m.MobileGmvFen + n.MobileGmvFen, m.Created + n.Created, m.Refunds + n.Refunds, m.RefundFen + n.RefundFen}
	if max(sum.Orders, sum.GmvFen, sum.MobileOrders, sum.MobileGmvFen, sum.Created, sum.Refunds, sum.RefundFen) > MaxSum {
		return m, fmt.Errorf("a sum of %+v is past 2^53-1", sum)
	}
	return sum, nil
}

// measures is what one counted event adds to each of its cells.
func measures(o *Order, fen int64) Measures {
	switch {
	case o.Status == "created":
		return Measures{Created: 1}
	case o.Status == "refunded":
		return Measures{Refunds: 1, RefundFen: fen}
	case o.Mobile():
		return Measures{Orders: 1, GmvFen: fen, MobileOrders: 1, MobileGmvFen: fen}
	}
	return Measures{Orders: 1, GmvFen: fen}
}

// keys gives the key of every dimension that a counted event adds to; they are Total to Merchant.
func keys(o *Order) [Merchant + 1]string {
	return [...]string{Total: "", Device: o.Device, Country: o.BuyerCountry, Province: o.Province,
		City: o.City, Category: o.Category, Marketplace: o.Marketplace, Channel: o.Channel,
		Flow: o.MerchantCountry + ">" + o.BuyerCountry, Merchant: o.MerchantID}
}

// bucket is the Unix second at which the bucket of an event time begins, 0 for a dimension without.
func bucket(dim uint8, eventMs int64) int64 {
	if step[dim] == 0 {
		return 0
	}
	second := eventMs / 1000 // event times are after 2000
	return second - second%step[dim]
}
