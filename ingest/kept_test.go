package ingest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// TestKeptOnlyWithItsSeals: a generation that ends between cells stored and seals stored keeps no core, which would seal its next
// segment after one that is missing.
func TestKeptOnlyWithItsSeals(t *testing.T) {
	rules, err := aggregate.NewRules(aggregate.RulesSpec{Festival: "kept", Stride: 512,
		Windows: []aggregate.Window{{ID: "day", StartMs: 0, EndMs: 1000}}, Rates: map[string]string{"CNY": "1"}})
	require.NoError(t, err)
	core := aggregate.NewCore(aggregate.CoreConfig{Rules: rules, Set: aggregate.NewFingerprints(1000)})
	p := &partition{Ingest: &Ingest{}, core: core, filling: &batch{}, storing: &batch{}, room: make(chan struct{}, 1),
		position: 600, taken: 512, acked: 512}
	require.NotNil(t, p.keep(), "what is counted and not taken is kept as it is")
	var update aggregate.Update
	var seals []aggregate.Seal
	require.NotNil(t, p.take(&update, &seals, map[int32]signed{}))
	require.Nil(t, p.keep(), "taken, not stored")
	p.stored([]aggregate.Progress{{Next: 600}})
	require.Nil(t, p.keep(), "the cells are stored, the seals are not")
	p.flushed()
	require.EqualValues(t, 600, p.keep().taken)
}
