package aggregate

// The slots of the dense dimensions are cached for the seconds and minutes that come most: a ring by the low bits of
// the time. An event of another second or minute (2 % are late) looks its cells up in the segment's table.
const (
	secondRing = 16
	minuteRing = 4
	patience   = 8 // misses in a row after which a ring place is given to another time
)

// slots is one place of a ring.
type slots struct {
	tag    packed // window and bucket that the slots belong to
	epoch  uint64 // of the segment that they belong to, 0 none
	misses int
	at     []uint32 // slot plus one by code, 0 not known yet
}

// atDevice is where devices begin in a second's slots, after the total; countries follow. A minute's slots hold
// provinces, channels, marketplaces, categories.
const atDevice = 1

// layout says where the other dimensions begin; it depends on the catalogues.
type layout struct{ atCountry, atChannel, atMarketplace, atCategory int }

// layCaches gives the rings their sizes: about 1 KB a second, 1 to 2 KB a minute.
func (c *Core) layCaches() {
	c.atCountry = atDevice + Devices.Len()
	c.atChannel = Provinces.Len()
	c.atMarketplace = c.atChannel + Channels.Len()
	c.atCategory = c.atMarketplace + c.rules.Marketplaces.Len()
	for i := range c.seconds {
		c.seconds[i].at = make([]uint32, c.atCountry+Countries.Len())
	}
	for i := range c.minutes {
		c.minutes[i].at = make([]uint32, c.atCategory+c.rules.Categories.Len())
	}
}

// hit says whether the slots may be used for a time, and gives the place to it after enough misses.
func (s *slots) hit(tag packed, epoch uint64) bool {
	if s.tag == tag && s.epoch == epoch {
		s.misses = 0
		return true
	}
	if s.misses++; s.epoch == epoch && s.misses < patience {
		return false
	}
	s.tag, s.epoch, s.misses = tag, epoch, 0
	clear(s.at)
	return true
}

// add adds an event to its cells of all ten dimensions.
func (c *Core) add(h *Hint, o *Order, ms int64, d *delta) {
	w := h.window
	window := packed(w) << windowShift
	second := window | packed(ms/1000-c.keys.second[w])
	minute := window | packed(ms/60_000-c.keys.minute[w])
	c.addSecond(o, second, d)
	c.addMinute(o, minute, d)

	s, countries := c.open, c.keys.ranks[DimCountry]
	flow := packed(countries[o.MerchantCountry])<<8 | packed(countries[o.BuyerCountry])
	s.add(s.slot(minute|packed(DimFlow)<<dimShift|flow<<minuteShift), d)
	s.add(s.slot(minute|packed(DimCity)<<dimShift|packed(cityRank(o.City))<<minuteShift), d)
	s.add(s.merchant(h.merchant, o.MerchantID, w), d)
}

func (c *Core) addSecond(o *Order, base packed, d *delta) {
	ring := &c.seconds[base%secondRing]
	if !ring.hit(base, c.open.epoch) {
		ring = nil
	}
	c.addCoded(ring, 0, DimTotal, 0, base, d)
	c.addCoded(ring, atDevice, DimDevice, o.Device, base, d)
	c.addCoded(ring, c.atCountry, DimCountry, o.BuyerCountry, base, d)
}

func (c *Core) addMinute(o *Order, base packed, d *delta) {
	ring := &c.minutes[base%minuteRing]
	if !ring.hit(base, c.open.epoch) {
		ring = nil
	}
	c.addCoded(ring, 0, DimProvince, o.Province, base, d)
	c.addCoded(ring, c.atChannel, DimChannel, o.Channel, base, d)
	c.addCoded(ring, c.atMarketplace, DimMarketplace, o.Marketplace, base, d)
	c.addCoded(ring, c.atCategory, DimCategory, o.Category, base, d)
}

// addCoded adds an event to a cell whose key is a code; first is where the dimension begins in the ring's slots, and
// the ring is nil where the time is not cached.
func (c *Core) addCoded(ring *slots, first int, dim Dim, code uint8, base packed, d *delta) {
	if ring != nil {
		if slot := ring.at[first+int(code)]; slot != 0 { // Fast path.
			c.open.add(slot-1, d)
			return
		}
	}
	shift := minuteShift
	if dim <= DimCountry {
		shift = secondShift
	}
	slot := c.open.slot(base | packed(dim)<<dimShift | packed(c.keys.ranks[dim][code])<<shift)
	if ring != nil {
		ring.at[first+int(code)] = slot + 1
	}
	c.open.add(slot, d)
}

// log adds one record to a log cell; code is logOutside, ..., or logReason plus the reason.
func (c *Core) log(code int) {
	id := packed(packedNone)<<windowShift | packed(DimLog)<<dimShift | packed(c.keys.log[code])
	c.open.add(c.open.slot(id), &delta{orders: 1})
}
