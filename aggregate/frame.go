package aggregate

// Frame is all that one refresh of a screen needs, one consistent cut (DESIGN.md §4, CONTRACT.md §4). The JSON
// names are the contract's; times are RFC 3339 in the festival's zone, money is integer fen, shares are strings
// with four decimals rounded down. Lists are sorted by GMV, largest first, then by key.
type Frame struct {
	Seq        int64         `json:"seq"`
	Second     string        `json:"second"`
	Official   bool          `json:"official"`
	Ledger     string        `json:"ledger"` // 64 hex digits
	Rehearsal  bool          `json:"rehearsal"`
	Phase      string        `json:"phase"`  // before, open, between, closed
	Window     *string       `json:"window"` // the open window, else the next one, else the last one
	Certainty  string        `json:"certainty"`
	VerifiedTo *string       `json:"verified_to"`
	Complete   bool          `json:"complete"`
	Incomplete []Gap         `json:"incomplete"`
	Frozen     *Frozen       `json:"frozen"`
	Correction *Correction   `json:"correction"`
	Total      Total         `json:"total"`
	Rate       Pace          `json:"rate"`
	Mobile     Mobiles       `json:"mobile"`
	Devices    []Share       `json:"devices"`
	Countries  []Country     `json:"countries"`
	Provinces  []Share       `json:"provinces"`
	Flows      []Share       `json:"flows"`
	Windows    []WindowTotal `json:"windows"`
	Positions  Positions     `json:"positions"`
	After      Positions     `json:"after_positions,omitempty"` // of after_close, see FrameState.After; absent while open
	Watermark  *string       `json:"watermark"`
	FreshMs    int64         `json:"fresh_ms"`
	Prev       string        `json:"prev"`
	Hash       *string       `json:"hash"` // null in live frames

	views []view // by window, for OfWindow
}

// Positions are the next offsets to read by partition. JSON has them as an object with string keys.
type Positions map[int32]int64

// Gap says that a partition is incomplete, and why.
type Gap struct {
	Partition int32  `json:"partition"`
	Reason    string `json:"reason"`
}

// Frozen says on which official frame the screens rest.
type Frozen struct {
	Second string `json:"second"`
	Reason string `json:"reason"`
	Since  string `json:"since"`
}

// Correction names the frame that this one corrects.
type Correction struct {
	Of     string `json:"of"`
	Reason string `json:"reason"`
}

// Total is the whole festival, or one window. In a window's total the last six are of the whole log.
type Total struct {
	GmvFen        int64  `json:"gmv_fen"`
	GmvUsdCents   *int64 `json:"gmv_usd_cents"` // floor(gmv_fen / USD rate); null without a USD rate
	Orders        int64  `json:"orders"`
	Created       int64  `json:"created"`
	Refunds       int64  `json:"refunds"`
	RefundFen     int64  `json:"refund_fen"`
	NetFen        int64  `json:"net_fen"`
	Duplicates    int64  `json:"duplicates"`
	Rejected      int64  `json:"rejected"`
	Outside       int64  `json:"outside"`
	Miskeyed      int64  `json:"miskeyed"`
	AfterClose    int64  `json:"after_close"`
	AfterCloseFen int64  `json:"after_close_fen"`
}

// Pace is what the newest complete event second held; null before the first.
type Pace struct {
	OrdersPerS  *int64 `json:"orders_per_s"`
	GmvFenPerS  *int64 `json:"gmv_fen_per_s"`
	CreatedPerS *int64 `json:"created_per_s"`
}

// Mobiles are the sums over the three mobile devices and their shares of the whole; a share of nothing is null.
type Mobiles struct {
	GmvFen      int64   `json:"gmv_fen"`
	Orders      int64   `json:"orders"`
	ShareGmv    *string `json:"share_gmv"`
	ShareOrders *string `json:"share_orders"`
}

// Share is one row of a breakdown.
type Share struct {
	Key    string `json:"key"`
	GmvFen int64  `json:"gmv_fen"`
	Orders int64  `json:"orders"`
}

// Country is one buyer country's row.
type Country struct {
	Key          string `json:"key"`
	GmvFen       int64  `json:"gmv_fen"`
	Orders       int64  `json:"orders"`
	MobileGmvFen int64  `json:"mobile_gmv_fen"`
	MobileOrders int64  `json:"mobile_orders"`
}

// WindowTotal is one window alone; the windows sum to the whole.
type WindowTotal struct {
	ID     string  `json:"id"`
	Total  Total   `json:"total"`
	Mobile Mobiles `json:"mobile"`
}
