package engine_test

import (
	"bytes"
	"context"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// send inserts one batch into t, whole columns at once.
func send(ctx context.Context, conn driver.Conn, columns ...any) error {
	b, err := conn.PrepareBatch(ctx, "INSERT INTO t")
	if err != nil {
		return err
	}
	for i, c := range columns {
		if err := b.Column(i).Append(c); err != nil {
			return err
		}
	}
	return b.Send()
}

func pid(n int) string { return strconv.Itoa(n) }

// isZombie reads /proc/PID/stat, whose field behind the name in brackets is the state.
func isZombie(stat []byte) bool {
	_, rest, ok := bytes.Cut(stat, []byte(") "))
	return ok && bytes.HasPrefix(rest, []byte("Z"))
}
