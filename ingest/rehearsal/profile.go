package rehearsal

import "math"

// peakSecond is when the midnight profile reaches its peak, in seconds after the opening (2019's and 2020's nights
// reported their record of orders per second at 0:00:26).
const peakSecond = 26

// before is the share of the peak before the opening: people fill their carts.
const before = 0.03

// intensity is the share of the peak at a second after the opening.
//
// It is a night for a wall, not for a statistician: by day a real festival has a few hundredths of its peak, and a
// rehearsal of a few thousand records a second would look dead. So the day keeps a floor of about 0.28.
func (p Profile) intensity(second int64) float64 {
	if p == Flat {
		return 1
	}
	if second < 0 {
		return before
	}
	if second < peakSecond {
		return 0.45 + 0.55*math.Sqrt(float64(second)/peakSecond)
	}
	after := float64(second - peakSecond)
	day := daily(float64(second%86400) / 3600)
	return day + (1-daily(0))*(0.62*math.Exp(-after/100)+0.26*math.Exp(-after/900)+0.12*math.Exp(-after/5400))
}

// daily is the base by the hour since the opening: least at five in the morning, most at nine in the evening.
func daily(hour float64) float64 {
	bell := func(at, width float64) float64 {
		d := math.Mod(hour-at+36, 24) - 12 // the shorter way round the clock
		return math.Exp(-d * d / (2 * width * width))
	}
	return 0.29 - 0.04*bell(5, 2) + 0.05*bell(11, 1.5) + 0.13*bell(21, 1.8)
}

// clock turns the intensity into the times of slots.
type clock struct {
	profile    Profile
	rate       int64 // records per second at intensity 1
	sinceOpen  int64 // milliseconds from the opening to the start
	at         int64 // nanoseconds since the start
	secondEnds int64 // where the intensity is asked again
	gap        int64 // mean nanoseconds between slots in this second
	gaps       [1024]int64
}

// newClock prepares exponential gaps with a mean of 2^16 in all, so that slots come as a Poisson stream does.
func newClock(c Config) *clock {
	k := &clock{profile: c.Profile, rate: c.Rate, sinceOpen: c.StartMs - c.OpenMs}
	table := quantiles(len(k.gaps), func(u float64) float64 { return -math.Log(u) })
	sum := 0.0
	for _, g := range table {
		sum += g
	}
	for i, g := range table {
		k.gaps[i] = int64(g * float64(len(table)) / sum * (1 << 16))
	}
	return k
}

// next gives the next slot, nanoseconds since the start.
func (k *clock) next(word uint64) int64 {
	if k.at >= k.secondEnds {
		ms := k.sinceOpen + k.at/1e6
		second := floorDiv(ms, 1000)
		k.gap = max(1, int64(1e9/(float64(k.rate)*k.profile.intensity(second))))
		k.secondEnds = ((second+1)*1000 - k.sinceOpen) * 1e6
	}
	k.at += k.gap * k.gaps[word>>54] >> 16
	return k.at
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
