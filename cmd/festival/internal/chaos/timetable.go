package chaos

import (
	"math/rand/v2"
	"slices"
	"time"
)

// kind is one sort of fault.
type kind string

// The faults. Durations are drawn within the bounds of kinds.
const (
	killIngest  kind = "kill -9 ingest"
	pauseIngest kind = "SIGSTOP ingest" // a zombie wakes after its partitions have moved
	leaveIngest kind = "ingest leaves"
	joinIngest  kind = "ingest joins"
	killServe   kind = "kill -9 serve"
	pauseServe  kind = "SIGSTOP serve"
	leaveServe  kind = "serve leaves"
	killEngine  kind = "kill -9 engine"
	killStore   kind = "kill -9 store"
	pauseEngine kind = "SIGSTOP engine"
	refuse      kind = "store refuses"
	late        kind = "store late"
	cut         kind = "store cuts inserts"
	diskFull    kind = "disk full"
	killBroker  kind = "kill -9 broker"
	pauseBroker kind = "SIGSTOP broker"
	moveLeaders kind = "leaders move"
	clockStep   kind = "clock steps"
)

// bounds says how long a fault of a kind lasts, in seconds. What it holds meanwhile, one of each at a time.
type bounds struct {
	kind       kind
	from, to   float64
	on         resource
	candidates int // targets to choose from
}

// resource is what a fault keeps for itself while it lasts: two faults of one resource come one after the other.
type resource string

const (
	onIngest resource = "ingest"
	onServe  resource = "serve"
	onStore  resource = "store"
	onBroker resource = "broker"
	onClock  resource = "clock"
)

// The zombie sleeps past the session timeout of 10 s in most draws. One broker of three is down at a time, and
// comes back before the next goes: with two gone nothing may be acknowledged, which proves nothing.
func kinds() []bounds {
	return []bounds{
		{killIngest, .5, 4, onIngest, 2}, {pauseIngest, 5, 40, onIngest, 2}, {leaveIngest, 2, 8, onIngest, 2}, {joinIngest, 8, 25, onIngest, 4},
		{killServe, .5, 4, onServe, serves}, {pauseServe, 5, 40, onServe, serves}, {leaveServe, 2, 8, onServe, serves},
		{killEngine, 0, 0, onStore, 1}, {killStore, .5, 3, onStore, 1}, {pauseEngine, 5, 12, onStore, 1},
		{refuse, 2, 10, onStore, 1}, {late, 5, 12, onStore, 1}, {cut, 3, 8, onStore, 1}, {diskFull, 4, 8, onStore, 1},
		{killBroker, 1, 6, onBroker, nodes}, {pauseBroker, 3, 9, onBroker, nodes}, {moveLeaders, 0, 0, onBroker, nodes},
		{clockStep, 5, 15, onClock, 4},
	}
}

// fault is one line of the timetable.
type fault struct {
	at, lasts time.Duration // since the rain began
	atLeast   time.Duration // one that cannot last so long is no fault of its kind
	kind      kind
	on        resource
	target    int     // index among candidates
	amount    float64 // 0 to 1: what else has to be drawn (how far a clock steps, after how many bytes a connection is cut)
}

// timetable draws the faults of a seed: every kind in a new order, again and again, one each 2 to 5 s, so that several
// overlap. The long sleeps come early enough to end in time.
func timetable(seed uint64, rain time.Duration) []fault {
	r := rand.New(rand.NewPCG(seed, 0xfe57_1a11))
	var out []fault
	var deck []bounds
	for at := 2 * time.Second; at < rain-2*time.Second; at += seconds(2 + 3*r.Float64()) {
		if len(deck) == 0 {
			deck = kinds()
			r.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
		}
		k := deck[0]
		deck = deck[1:]
		f := fault{at: at, kind: k.kind, on: k.on, target: r.IntN(k.candidates), amount: r.Float64()}
		f.atLeast = seconds(k.from)
		f.lasts = min(seconds(k.from+(k.to-k.from)*r.Float64()), max(f.atLeast, rain-at))
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b fault) int { return int(a.at - b.at) })
	return out
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
