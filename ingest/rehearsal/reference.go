package rehearsal

// Point is the GMV of the last festival from its opening through second N (the first is 0).
type Point struct {
	N      int64
	GmvFen int64
}

// What the last festival was, seen from this one: smaller, and its first minutes were slower.
const (
	lastScale  = 0.78
	lastWobble = 0.10 // of a minute's GMV, to either side
	daySeconds = 86_400
	sample     = 20_000 // orders whose mean amount is taken
)

// Reference gives the curve of a last festival for a rehearsal: one point a second from the opening to the end of the
// window that holds it (a day where none does). It costs a few milliseconds: it integrates the intensity instead of
// making orders. The same configuration gives the same curve; the caller writes it as n,gmv_fen.
func Reference(cfg Config) ([]Point, error) {
	g, err := New(cfg)
	if err != nil {
		return nil, err
	}
	mean := g.catalog.meanFen(mix(cfg.Seed ^ 2019))
	perRecord := paidShare / (1 + paidShare*(1+refundMille/800.0)) // payments a record: created, paid, 1.25 refunds
	perSecond := mean * perRecord * float64(g.cfg.Rate) * (1 - cfg.Bad - cfg.Duplicates) * lastScale
	points := make([]Point, 0, daySeconds)
	total := 0.0
	for n := range g.windowSeconds() {
		noise := float64(mix(cfg.Seed+uint64(n/60))>>40)/(1<<23) - 1
		total += perSecond * g.cfg.Profile.intensity(n) * (1 + lastWobble*noise)
		points = append(points, Point{n, int64(total)})
	}
	return points, nil
}

// windowSeconds is how many whole seconds lie between the opening and its window's end.
func (g *Generator) windowSeconds() int64 {
	for _, w := range g.cfg.Rules.Windows {
		if w.StartMs <= g.cfg.OpenMs && g.cfg.OpenMs < w.EndMs {
			return (w.EndMs - g.cfg.OpenMs) / 1000
		}
	}
	return daySeconds
}

// meanFen is the mean amount of a sample of orders.
func (k *catalogue) meanFen(from uint64) float64 {
	var o order
	sum := 0.0
	for i := range int64(sample) {
		k.draw(int64(from>>16)+i, k.openMs, &o)
		sum += float64(toFen(o.minor, &k.rules.Rates[o.rate]))
	}
	return sum / sample
}
