package aggregate

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func readGolden(t *testing.T, name string) string {
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(text)
}

// The text of a seal is fixed, and its hash is that of the text: testdata/seal.txt can be hashed by any tool.
func TestGoldenSeal(t *testing.T) {
	rules := testRules(t)
	ledger := sha256.Sum256([]byte("ledger"))
	core := NewCore(CoreConfig{Rules: rules, Ledger: ledger, Partition: 3, Start: 21, LogStart: 21})
	count := func(offset int64, o Order, keyOK bool, want Verdict) {
		t.Helper()
		o.CreatedMs, o.RefundedMs = o.PaidMs, o.PaidMs
		verdict, _, err := core.Count(&o, offset, o.PaidMs, keyOK, offset == 22)
		require.NoError(t, err)
		require.Equal(t, want, verdict)
	}
	country := func(name string) uint8 { return Countries.Code([]byte(name)) }
	order := Order{OrderID: []byte("o1"), MerchantID: []byte("m\x001"), Status: Paid, PaidMs: firstMs + 700, AmountMinor: 12_990,
		BuyerCountry: country("CN"), MerchantCountry: country("IT"), Device: 1, City: []byte("330100"), Category: 6}
	count(21, order, true, Counted)
	count(22, order, true, Duplicate)
	order.Status = Created
	count(23, order, false, Counted)
	order.Status, order.RefundID, order.Device = Refunded, []byte("r1"), 4
	count(24, order, true, Counted)
	order.OrderID, order.Status, order.PaidMs, order.City = []byte("o2"), Paid, dayMs+200_000, []byte("USNYC")
	order.MerchantID, order.BuyerCountry = []byte("m"), 0
	count(25, order, true, Counted)
	order.OrderID, order.PaidMs = []byte("o3"), firstMs-1
	count(26, order, true, Outside)
	require.NoError(t, core.Reject(Bad(FieldAmount), 27, 0, false))
	var u Update
	seals := core.Drain(48, Tail{}, &u, nil)
	require.Len(t, seals, 2)

	hash := sha256.Sum256([]byte(readGolden(t, "seal.txt")))
	require.Equal(t, hex.EncodeToString(hash[:]), hex.EncodeToString(seals[0].Hash[:]))
	require.Equal(t, "c0e9706a23c49465a28f3895253f8b215ca4313781e13bb776a774d05828d2ae", hex.EncodeToString(seals[0].Hash[:]))
	require.Equal(t, Seal{Partition: 3, Segment: 1, First: 21, End: 32, Cells: int64(len(u.Cells)), LastMs: firstMs - 1,
		MaxEventMs: dayMs + 200_000, Prev: ledger, Hash: hash}, seals[0])

	empty := Seal{Partition: 3, Segment: 2, First: 32, End: 48, LastMs: firstMs - 1, MaxEventMs: dayMs + 200_000, Prev: hash}
	require.Equal(t, SealCells(empty, ledger, nil), seals[1], "an empty segment has a seal too")
	u.Cells = append(u.Cells, Cell{Window: 0, Dim: DimTotal, Key: "zero"})
	for i, j := 0, len(u.Cells)-1; i < j; i, j = i+1, j-1 {
		u.Cells[i], u.Cells[j] = u.Cells[j], u.Cells[i]
	}
	again := seals[0]
	again.Hash, again.Cells = [32]byte{}, 0
	require.Equal(t, seals[0], SealCells(again, ledger, u.Cells), "in any order, without zero cells")
}
