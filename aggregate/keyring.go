package aggregate

import "slices"

// packed is a cell's identity within one partition and segment in 64 bits, laid out so that integer order is the
// canonical order of cells (window, dimension, key bytes, bucket):
//
//	window (7 bits, 127 none) | dim (4) | key and bucket (53)
//	  total, device, country:  rank of the key (8 bits) | second since the window's start (34)
//	  by the minute:           rank of the key (25)     | minute since the window's start (28)
//	  merchant, log:           slot of the cell, or rank of the log key
//
// Only merchants have their slot in place of a rank and so are not in order; the seal gives them their ranks.
type packed uint64

const (
	windowShift = 57
	dimShift    = 53
	secondShift = 34 // 2^34 s are 544 years, windows lie within 230
	minuteShift = 28
	packedNone  = 127
)

func (p packed) dim() Dim { return Dim(p >> dimShift & 15) }

// window gives the index back, NoWindow for 127.
func (p packed) window() uint8 {
	if w := uint8(p >> windowShift); w != packedNone {
		return w
	}
	return NoWindow
}

// rank gives the key's rank (or the merchant's slot), and the bucket since the window's start.
func (p packed) rank() (rank uint32, bucket int64) {
	low := uint64(p) & (1<<dimShift - 1)
	switch p.dim().Step() {
	case 1:
		return uint32(low >> secondShift), int64(low & (1<<secondShift - 1))
	case 60:
		return uint32(low >> minuteShift), int64(low & (1<<minuteShift - 1))
	}
	return uint32(low), 0
}

// keyring translates codes of closed sets to ranks in byte order of their names and back. Immutable.
type keyring struct {
	names  [DimLog + 1][]string // by rank
	ranks  [DimLog + 1][]uint8  // by code
	flows  string               // keys of flows, see flowKeys
	log    []uint8              // rank by log code: the four named ones, then logReason + Reason
	second [MaxWindows]int64    // Unix second that holds the window's start
	minute [MaxWindows]int64    // Unix minute that holds it
}

// The codes of log keys before they are ranked.
const (
	logOutside = iota
	logDuplicates
	logMiskeyed
	logRehearsal
	logReason
)

func newKeyring(r *Rules) *keyring {
	k := &keyring{flows: allFlows}
	k.rank(DimTotal, []string{""})
	for _, d := range []Dim{DimDevice, DimCountry, DimProvince, DimCategory, DimMarketplace, DimChannel} {
		k.rank(d, r.Keys(d).Names())
	}
	k.rankLog()
	for i, w := range r.Windows {
		k.second[i], k.minute[i] = w.StartMs/1000, w.StartMs/60_000
	}
	return k
}

func (k *keyring) rank(d Dim, byCode []string) {
	k.names[d] = slices.Sorted(slices.Values(byCode))
	k.ranks[d] = make([]uint8, len(byCode))
	for code, name := range byCode {
		rank, _ := slices.BinarySearch(k.names[d], name)
		k.ranks[d][code] = uint8(rank)
	}
}

func (k *keyring) rankLog() {
	names := []string{LogOutside, LogDuplicates, LogMiskeyed, LogRehearsal}
	reasons := allReasons()
	for _, reason := range reasons {
		names = append(names, LogRejected+reason.String())
	}
	k.rank(DimLog, names)
	k.log = make([]uint8, logReason+int(reasons[len(reasons)-1])+1)
	copy(k.log, k.ranks[DimLog][:logReason])
	for i, reason := range reasons {
		k.log[logReason+int(reason)] = k.ranks[DimLog][logReason+i]
	}
}

// allReasons lists every reason, in the order of their numbers.
func allReasons() []Reason {
	out := []Reason{TooLarge, NotJSON, CurrencyUnknown}
	for _, base := range []func(Field) Reason{Bad, Missing, Future} {
		for f := range Fields {
			out = append(out, base(f))
		}
	}
	return out
}

// appendKey writes the key of a cell that is not a merchant's.
func (k *keyring) appendKey(b []byte, d Dim, rank uint32) []byte {
	switch d {
	case DimCity:
		return appendCity(b, rank)
	case DimFlow:
		countries := k.names[DimCountry]
		return append(append(append(b, countries[rank>>8]...), '>'), countries[rank&0xff]...)
	default:
		return append(b, k.names[d][rank]...)
	}
}

// key gives the same as a string; only cities are made anew.
func (k *keyring) key(d Dim, rank uint32) string {
	switch d {
	case DimFlow:
		from, to := int(rank>>8), int(rank&0xff)
		names := k.names[DimCountry]
		at := (from*len(names) + to) * flowBytes
		return k.flows[at : at+len(names[from])+1+len(names[to])]
	case DimCity:
		return string(appendCity(nil, rank))
	}
	return k.names[d][rank]
}

// flowBytes is the longest key of a flow.
const flowBytes = 2*len(Unknown) + 1

// flowKeys gives the keys of all flows, one after the other at equal distances: 1 MB, for making one at each flush of
// its cell costs more than the flush.
func flowKeys() string {
	names := slices.Sorted(slices.Values(Countries.Names()))
	b := make([]byte, 0, len(names)*len(names)*flowBytes)
	for _, from := range names {
		for _, to := range names {
			n := len(b)
			b = append(append(append(b, from...), '>'), to...)
			b = b[:n+flowBytes]
		}
	}
	return string(b)
}

// allFlows is the same for every festival, for the countries are.
var allFlows = flowKeys()

// bucket gives the Unix second at which a cell's bucket begins.
func (k *keyring) bucket(window uint8, d Dim, since int64) int64 {
	switch d.Step() {
	case 1:
		return k.second[window] + since
	case 60:
		return (k.minute[window] + since) * 60
	}
	return 0
}

// The ranks of cities: the GB/T 2260 codes as their number, then the UN/LOCODEs in base 26 and 34, then unknown.
// That is byte order, since digits sort before capitals and those before "unknown".
const (
	firstLocode = 1_000_000
	cityUnknown = firstLocode + 26*26*34*34*34
	locodeTail  = "23456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// cityRank gives the rank of a city by its form; anything else is unknown.
func cityRank(city []byte) uint32 {
	switch len(city) {
	case 6:
		n := uint32(0)
		for _, c := range city {
			if c < '0' || c > '9' {
				return cityUnknown
			}
			n = n*10 + uint32(c-'0')
		}
		return n
	case 5:
		return locodeRank(city)
	}
	return cityUnknown
}

func locodeRank(city []byte) uint32 {
	n := uint32(0)
	for i, c := range city {
		switch {
		case c >= 'A' && c <= 'Z' && i < 2:
			n = n*26 + uint32(c-'A')
		case c >= 'A' && c <= 'Z':
			n = n*34 + uint32(c-'A') + 8
		case c >= '2' && c <= '9' && i >= 2:
			n = n*34 + uint32(c-'2')
		default:
			return cityUnknown
		}
	}
	return firstLocode + n
}

func appendCity(b []byte, rank uint32) []byte {
	if rank == cityUnknown {
		return append(b, Unknown...)
	}
	if rank < firstLocode {
		for div := uint32(100_000); div > 0; div /= 10 {
			b = append(b, '0'+byte(rank/div%10))
		}
		return b
	}
	n := rank - firstLocode
	head, tail := n/(34*34*34), n%(34*34*34)
	return append(b, 'A'+byte(head/26), 'A'+byte(head%26), locodeTail[tail/(34*34)], locodeTail[tail/34%34], locodeTail[tail%34])
}
