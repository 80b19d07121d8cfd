package sql

// OrderNumbers are the columns of raw rows that have a fixed width: one element a record in every slice, in the order in which the
// partition's loop saw them.
//
// Codes are those of the ledger's catalogues (0 unknown); the view `orders_named` gives the names.
type OrderNumbers struct {
	Partition []int32
	Offset    []int64
	KafkaMs   []int64 // Kafka timestamp, Unix milliseconds
	Verdict   []uint8 // 2 duplicate, 3 outside, 4 counted
	KeyOK     []uint8 // 1 where the key is the order_id
	Rehearsal []uint8 // 1 where the record bears the rehearsal header
	Status    []uint8 // 1 created, 2 paid, 3 refunded

	CreatedMs  []int64 // Unix milliseconds, 0 absent
	PaidMs     []int64
	RefundedMs []int64

	Currency      []uint8 // index into the ledger's rates
	AmountMinor   []int64 // original amount in minor units
	AmountFen     []int64 // converted, CNY fen
	EnvelopeMinor []int64 // -1 absent
	Quantity      []int32 // 0 absent
	BuyerSince    []int32 // days since 1970, -2^31 absent
	NewProduct    []uint8 // 0 absent, 1 false, 2 true

	BuyerCountry    []uint8
	MerchantCountry []uint8
	Province        []uint8
	Device          []uint8
	Channel         []uint8
	Marketplace     []uint8
	Category        []uint8
}

// Orders are raw rows as they are read: every text by itself. The owner appends, may hand the whole to InsertOrders, and may Reset and
// reuse it afterwards: InsertOrders keeps nothing.
type Orders struct {
	OrderNumbers

	OrderID    []string
	MerchantID []string
	RefundID   []string // "" absent, as in all below
	BuyerID    []string
	BrandID    []string
	ProductID  []string
	StoreID    []string
	TeamID     []string
	ShowID     []string
	Broadcast  []string
	City       []string
}

// OrderBatch are raw rows as they are written: texts lie packed, as they go to the store, so that a row costs one copy of its bytes and
// the garbage collector nothing. The owner appends, hands it to InsertOrderParts, and may Reset and reuse it afterwards.
type OrderBatch struct {
	OrderNumbers

	OrderID    Packed
	MerchantID Packed
	RefundID   Packed // empty: absent, as in all below
	BuyerID    Packed
	BrandID    Packed
	ProductID  Packed
	StoreID    Packed
	TeamID     Packed
	ShowID     Packed
	Broadcast  Packed
	City       Packed
}

// Reject is a record that could not be read as an order.
type Reject struct {
	Partition int32
	Offset    int64
	KafkaMs   int64
	Reason    string // CONTRACT.md §1, such as "bad:amount"
	Length    int64  // of the whole value, bytes
	SHA256    [32]byte
	Key       []byte // first 1 KiB
	Value     []byte // first 64 KiB
	Rehearsal uint8
}

// CellRow is a stored cell; Dim 12 is a partition's progress, whose measures hold (in the order of M): the tail
// batch's base offset, CRC and leader epoch, the last Kafka time, the largest event time, 0, 0.
type CellRow struct {
	Window    uint8 // 255: none
	Dim       uint8 // 1 total .. 12 progress, the numbers of aggregate.Dim
	Partition int32
	Segment   int64
	Bucket    int64
	Revision  int64
	Key       string
	M         [7]int64 // orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen
	Era       uint8    // written only: the number of accepted gaps that the writer knew of, see Signoff
}

// SealRow is a stored seal, see aggregate.Seal.
type SealRow struct {
	Partition  int32
	Segment    int64
	First, End int64
	Cells      int64
	LastMs     int64
	MaxEventMs int64
	Prev, Hash [32]byte
	Era        uint8 // written only, as CellRow.Era
}

// PulseRow is a stored pulse, see aggregate.Pulse. One row a partition, the newest wins.
type PulseRow struct {
	Partition     int32
	StableEnd     int64
	HighWatermark int64
	AtMs          int64
	Stopped       string
}

// FrameRow is a stored official frame.
type FrameRow struct {
	Second int64 // Unix seconds
	Seq    int64
	Hash   string // 64 hex
	JSON   string // the bytes that were shown
}
