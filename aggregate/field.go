package aggregate

// Field is a known field of an order event, in the order of CONTRACT.md §1's table, which is also the order in
// which rejection reasons are looked for.
type Field uint8

// The fields, in the contract's order.
const (
	FieldOrderID Field = iota
	FieldStatus
	FieldCreatedAt
	FieldPaidAt
	FieldRefundedAt
	FieldCurrency
	FieldAmount
	FieldMerchantID
	FieldRefundID
	FieldBuyerID
	FieldBrandID
	FieldProductID
	FieldStoreID
	FieldTeamID
	FieldShowID
	FieldBroadcast
	FieldBuyerCountry
	FieldMerchantCountry
	FieldProvince
	FieldCity
	FieldDevice
	FieldChannel
	FieldMarketplace
	FieldCategory
	FieldQuantity
	FieldRedEnvelope
	FieldNewProduct
	FieldBuyerSince
	Fields // how many there are
)

// String gives the field's name in the record.
func (f Field) String() string { return fieldNames[f] }

var fieldNames = [Fields]string{
	"order_id", "status", "created_at", "paid_at", "refunded_at", "currency", "amount", "merchant_id",
	"refund_id", "buyer_id", "brand_id", "product_id", "store_id", "team_id", "show_id", "broadcast",
	"buyer_country", "merchant_country", "province", "city", "device", "channel", "marketplace", "category",
	"quantity", "red_envelope", "new_product", "buyer_since",
}
