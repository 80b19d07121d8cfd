package sql

// Concat appends the rows of other. Strings are shared, not copied.
func (o *Orders) Concat(other *Orders) {
	o.OrderNumbers.concat(&other.OrderNumbers)
	o.concatTexts(other)
}

func (o *OrderNumbers) concat(other *OrderNumbers) {
	o.Partition = append(o.Partition, other.Partition...)
	o.Offset = append(o.Offset, other.Offset...)
	o.KafkaMs = append(o.KafkaMs, other.KafkaMs...)
	o.Verdict = append(o.Verdict, other.Verdict...)
	o.KeyOK = append(o.KeyOK, other.KeyOK...)
	o.Rehearsal = append(o.Rehearsal, other.Rehearsal...)
	o.Status = append(o.Status, other.Status...)
	o.CreatedMs = append(o.CreatedMs, other.CreatedMs...)
	o.PaidMs = append(o.PaidMs, other.PaidMs...)
	o.RefundedMs = append(o.RefundedMs, other.RefundedMs...)
	o.Currency = append(o.Currency, other.Currency...)
	o.AmountMinor = append(o.AmountMinor, other.AmountMinor...)
	o.AmountFen = append(o.AmountFen, other.AmountFen...)
	o.EnvelopeMinor = append(o.EnvelopeMinor, other.EnvelopeMinor...)
	o.Quantity = append(o.Quantity, other.Quantity...)
	o.BuyerSince = append(o.BuyerSince, other.BuyerSince...)
	o.NewProduct = append(o.NewProduct, other.NewProduct...)
	o.concatCodes(other)
}

func (o *OrderNumbers) concatCodes(other *OrderNumbers) {
	o.BuyerCountry = append(o.BuyerCountry, other.BuyerCountry...)
	o.MerchantCountry = append(o.MerchantCountry, other.MerchantCountry...)
	o.Province = append(o.Province, other.Province...)
	o.Device = append(o.Device, other.Device...)
	o.Channel = append(o.Channel, other.Channel...)
	o.Marketplace = append(o.Marketplace, other.Marketplace...)
	o.Category = append(o.Category, other.Category...)
}

func (o *Orders) concatTexts(other *Orders) {
	o.OrderID = append(o.OrderID, other.OrderID...)
	o.MerchantID = append(o.MerchantID, other.MerchantID...)
	o.RefundID = append(o.RefundID, other.RefundID...)
	o.BuyerID = append(o.BuyerID, other.BuyerID...)
	o.BrandID = append(o.BrandID, other.BrandID...)
	o.ProductID = append(o.ProductID, other.ProductID...)
	o.StoreID = append(o.StoreID, other.StoreID...)
	o.TeamID = append(o.TeamID, other.TeamID...)
	o.ShowID = append(o.ShowID, other.ShowID...)
	o.Broadcast = append(o.Broadcast, other.Broadcast...)
	o.City = append(o.City, other.City...)
}
