package aggregate

// Dim is a dimension of the cells (DESIGN.md §2, §3).
type Dim uint8

// The dimensions. Second and minute say which bucket a dimension's cells have.
const (
	DimTotal       Dim = iota + 1 // key "", bucket second
	DimDevice                     // key device, bucket second
	DimCountry                    // key buyer country, bucket second; its mobile measures are "country x mobile"
	DimProvince                   // key GB/T 2260 code, bucket minute
	DimCity                       // key city code, bucket minute
	DimCategory                   // key from the festival's catalogue, bucket minute
	DimMarketplace                // key from the festival's catalogue, bucket minute
	DimChannel                    // key channel, bucket minute
	DimFlow                       // key "IT>CN": merchant country, buyer country; bucket minute
	DimMerchant                   // key merchant_id, no bucket
	DimLog                        // no window, no bucket; keys LogOutside, LogDuplicates, ..., "rejected:<reason>"
	DimProgress                   // no window, no bucket; a partition's progress, see Progress (stored as a cell)
)

var dimNames = [...]string{"", "total", "device", "country", "province", "city", "category", "marketplace",
	"channel", "flow", "merchant", "log", "progress"}

// String gives the dimension's name, as in the API's `dim` and in the column `dim`.
func (d Dim) String() string { return dimNames[d] }

// ParseDim finds a dimension by its name.
func ParseDim(name string) (Dim, bool) {
	for d := DimTotal; d <= DimProgress; d++ {
		if dimNames[d] == name {
			return d, true
		}
	}
	return 0, false
}

// Step is the width of the dimension's buckets in seconds: 1, 60, or 0 for no bucket.
func (d Dim) Step() int64 {
	switch {
	case d <= DimCountry:
		return 1
	case d <= DimFlow:
		return 60
	default:
		return 0
	}
}

// The keys of DimLog. A log cell counts records in its measure Orders; the others are zero.
const (
	LogOutside    = "outside"
	LogDuplicates = "duplicates"
	LogMiskeyed   = "miskeyed"  // beside the verdict: key is not the order_id, of records that are not rejected
	LogRehearsal  = "rehearsal" // beside the verdict: records that bear the rehearsal header
	LogRejected   = "rejected:" // prefix, the reason follows
)

// NoWindow is the window of cells that belong to none (DimLog, DimProgress).
const NoWindow uint8 = 255

// Measures are a cell's sums. Every counted event adds to all dimensions: paid to the first four, created to
// Created, refunded to the last two. Each stays within ±MaxSum.
type Measures struct {
	Orders       int64 // paid events
	GmvFen       int64 // CNY fen of paid events
	MobileOrders int64 // paid events on mobile devices
	MobileGmvFen int64
	Created      int64 // created events
	Refunds      int64 // refunded events
	RefundFen    int64 // CNY fen of refunded events
}

// MaxSum is the largest sum that is shown: 2^53-1, the largest integer that JSON readers keep exactly. A sum past
// it stops the partition (DESIGN.md §2).
const MaxSum = 1<<53 - 1

// IsZero tells whether every measure is zero; such cells are neither stored nor sealed.
func (m Measures) IsZero() bool { return m == Measures{} }

// Add gives the sum, ok false where one measure leaves ±MaxSum. Both operands are within it, so nothing wraps.
func (m Measures) Add(n Measures) (sum Measures, ok bool) {
	sum = Measures{m.Orders + n.Orders, m.GmvFen + n.GmvFen, m.MobileOrders + n.MobileOrders,
		m.MobileGmvFen + n.MobileGmvFen, m.Created + n.Created, m.Refunds + n.Refunds, m.RefundFen + n.RefundFen}
	return sum, sum.within()
}

// Sub gives the difference; of two values within ±MaxSum it never wraps.
func (m Measures) Sub(n Measures) Measures {
	return Measures{m.Orders - n.Orders, m.GmvFen - n.GmvFen, m.MobileOrders - n.MobileOrders,
		m.MobileGmvFen - n.MobileGmvFen, m.Created - n.Created, m.Refunds - n.Refunds, m.RefundFen - n.RefundFen}
}

func (m Measures) within() bool {
	for _, v := range [...]int64{m.Orders, m.GmvFen, m.MobileOrders, m.MobileGmvFen, m.Created, m.Refunds, m.RefundFen} {
		if v > MaxSum || v < -MaxSum {
			return false
		}
	}
	return true
}

// Cell is the absolute value of (window, partition, segment, dimension, key, bucket) as of Revision.
//
// Invariant: the value is a pure function of the partition's log up to Revision. Revision is the next offset to
// read, but never past the segment's end: a finished segment's cells do not change, whichever flush brings them.
// For one cell identity the higher revision wins; equal revisions hold equal values.
type Cell struct {
	Window    uint8 // index into Rules.Windows, or NoWindow
	Dim       Dim
	Partition int32
	Segment   int64
	Bucket    int64 // Unix second at which the bucket begins, 0 for none
	Revision  int64
	Key       string
	M         Measures
}

// Tail names the last batch counted: what a takeover fetches again to see that the log is still the same.
// LeaderEpoch -1 and BaseOffset -1 mean that no batch has been counted.
type Tail struct {
	BaseOffset  int64
	CRC         uint32
	LeaderEpoch int32
}

// Progress is how far a partition has been counted. It is stored as a cell of DimProgress in the same block as the
// cells, so a reader sees both or neither.
type Progress struct {
	Partition  int32
	Next       int64 // next offset to read: everything before it is in the cells
	Tail       Tail
	LastMs     int64 // Kafka timestamp of the last record read, 0 before the first
	MaxEventMs int64 // largest min(event time, Kafka time) of accepted records with a Kafka time so far, 0 before the first
}

// Seal closes one complete segment of a partition. Seal k names seal k-1 (DESIGN.md §2).
type Seal struct {
	Partition  int32
	Segment    int64
	First      int64 // first offset of the segment that the log had when it was counted (log start for the first one)
	End        int64 // first offset after the segment
	Cells      int64 // how many cells are hashed
	LastMs     int64 // Progress.LastMs at End, so that a takeover resumes exactly; not hashed
	MaxEventMs int64 // Progress.MaxEventMs at End; not hashed
	Prev       [32]byte
	Hash       [32]byte
}

// Update is what one flush stores of one or more partitions, and what the board folds: one consistent cut.
type Update struct {
	Cells    []Cell
	Progress []Progress
}

// Pulse is what ingest saw of a partition's end, once a second, orders or not.
type Pulse struct {
	Partition     int32
	StableEnd     int64 // end of committed records (Kafka's LSO)
	HighWatermark int64
	AtMs          int64  // when it was asked, Unix milliseconds
	Stopped       string // why the partition stopped, or ""
}
