package sql_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/stretchr/testify/require"

	"festival/sql"
	"festival/sql/engine/enginetest"
)

// ledger is the prefix under which most tests store.
const ledger uint64 = 0xfe57_0000_0000_0001

// shared is the engine of all tests that do not stop theirs.
var shared enginetest.Shared

// open gives a migrated store in a fresh database, and a plain connection beside it.
func open(t testing.TB) (*sql.Store, driver.Conn) {
	t.Helper()
	dsn := shared.DSN(t)
	store, err := sql.Open(context.Background(), sql.Config{DSN: dsn})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	_, err = store.Migrate(context.Background())
	require.NoError(t, err)
	return store, plain(t, dsn)
}

// openWithout gives a store in which a list of ledger 7 is empty, and asks for that.
func openWithout[T any](t testing.TB, list func(*sql.Store, context.Context, uint64) ([]T, error)) *sql.Store {
	t.Helper()
	store, _ := open(t)
	none, err := list(store, context.Background(), 7)
	require.NoError(t, err)
	require.Empty(t, none)
	return store
}

// plain is clickhouse-go without this package, for looking behind it.
func plain(t testing.TB, dsn string) driver.Conn {
	t.Helper()
	opt, err := clickhouse.ParseDSN(dsn)
	require.NoError(t, err)
	conn, err := clickhouse.Open(opt)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// one runs a SELECT of one value.
func one[T any](t testing.TB, conn driver.Conn, query string, args ...any) (v T) {
	t.Helper()
	require.NoError(t, conn.QueryRow(context.Background(), query, args...).Scan(&v))
	return v
}

// random prints its seed, so that a failure can be repeated.
func random(t testing.TB) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func hash(n int) [32]byte { return sha256.Sum256(fmt.Appendf(nil, "%d", n)) }

func hexOf(n int) string { h := hash(n); return hex.EncodeToString(h[:]) }

// addOrder appends a row that has something in every column.
func addOrder(o *sql.Orders, partition int32, offset int64) {
	n := int(offset) + int(partition)*1_000_000
	at := 1_762_790_400_000 + offset*7
	o.Partition, o.Offset, o.KafkaMs = append(o.Partition, partition), append(o.Offset, offset), append(o.KafkaMs, at+5)
	o.Verdict, o.KeyOK = append(o.Verdict, uint8(2+n%3)), append(o.KeyOK, uint8(n&1))
	o.Rehearsal, o.Status = append(o.Rehearsal, 1), append(o.Status, uint8(1+n%3))
	o.CreatedMs, o.PaidMs, o.RefundedMs = append(o.CreatedMs, at), append(o.PaidMs, at+1), append(o.RefundedMs, at+2)
	o.Currency, o.AmountMinor, o.AmountFen = append(o.Currency, uint8(n%2)), append(o.AmountMinor, int64(n)), append(o.AmountFen, int64(n)*3)
	o.EnvelopeMinor, o.Quantity = append(o.EnvelopeMinor, -1), append(o.Quantity, int32(n%7))
	o.BuyerSince, o.NewProduct = append(o.BuyerSince, -1<<31), append(o.NewProduct, uint8(n%3))
	o.BuyerCountry, o.MerchantCountry = append(o.BuyerCountry, uint8(n%2)), append(o.MerchantCountry, 1)
	o.Province, o.Device = append(o.Province, uint8(n%2)), append(o.Device, uint8(n%5))
	o.Channel, o.Marketplace, o.Category = append(o.Channel, 1), append(o.Marketplace, 1), append(o.Category, 1)
	o.OrderID = append(o.OrderID, fmt.Sprintf("26111100%08d", n))
	o.MerchantID, o.RefundID = append(o.MerchantID, fmt.Sprintf("m%d", n%5)), append(o.RefundID, "")
	o.BuyerID, o.BrandID = append(o.BuyerID, fmt.Sprintf("b%d", n)), append(o.BrandID, "br330")
	o.ProductID, o.StoreID = append(o.ProductID, fmt.Sprintf("p%d", n)), append(o.StoreID, "s4410")
	o.TeamID, o.ShowID = append(o.TeamID, ""), append(o.ShowID, "gala-3")
	o.Broadcast, o.City = append(o.Broadcast, "优酷"), append(o.City, "330100")
}
