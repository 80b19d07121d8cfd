package recount

import (
	"fmt"
	"testing"
)

// BenchmarkFeed is the whole cost of one record: the contract's own example of 24 members, new ids each time.
func BenchmarkFeed(b *testing.B) {
	rules := testRules(b)
	rules.Stride = 65536
	p := NewPartition(rules, 0, 0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		id := fmt.Sprintf("26111100%08d", i)
		value := []byte(replaceOnce(example, "2611110000000001", id))
		if _, err := p.Feed(Record{Offset: int64(i), KafkaMs: exampleMs, Key: []byte(id), Value: value}); err != nil {
			b.Fatal(err)
		}
		p.Finished()
	}
}

func BenchmarkDecode(b *testing.B) {
	rules, value := testRules(b), []byte(example)
	b.ReportAllocs()
	for b.Loop() {
		if _, reason := Decode(value, exampleMs, rules); reason != "" {
			b.Fatal(reason)
		}
	}
}
