package rehearsal

import "testing"

// BenchmarkNext makes records at a rate at which hundreds of thousands of payments are pending.
func BenchmarkNext(b *testing.B) {
	c := testConfig(b, 0)
	c.Rate = 100_000
	g, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	var r Record
	bytes, n := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		g.Next(&r)
		bytes += len(r.Value)
		n++
	}
	b.SetBytes(int64(bytes / n))
}
