package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql/engine"
	"festival/sql/engine/enginetest"
	"festival/sql/leaks"
)

// parentEnv makes this test program play the parent that dies; it holds a Config.
const parentEnv = "FESTIVAL_ENGINE_TEST_PARENT"

func TestMain(m *testing.M) {
	if cfg := os.Getenv(parentEnv); cfg != "" {
		playParent(cfg)
	}
	leaks.Main(m)
}

// playParent starts an engine, says its process id and waits to be killed.
func playParent(text string) {
	var cfg engine.Config
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		panic(err)
	}
	p, err := engine.Start(context.Background(), cfg)
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Pid())
	select {}
}

func TestTheEngineDiesWithItsParent(t *testing.T) {
	dir := t.TempDir()
	full := enginetest.Config(t, dir)
	cfg, err := json.Marshal(struct{ Dir, Binary, LibPath string }{dir, full.Binary, full.LibPath})
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	parent := osexec.Command(self)
	parent.Env = append(os.Environ(), parentEnv+"="+string(cfg))
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	line := make([]byte, 32)
	n, err := out.Read(line)
	require.NoError(t, err)
	child, err := strconv.Atoi(string(bytes.TrimSpace(line[:n])))
	require.NoError(t, err)
	_, _, ok := engine.Attach(dir)
	require.True(t, ok)

	kill(t, parent.Process.Pid)
	require.Error(t, parent.Wait())
	require.Eventually(t, func() bool { return gone(child) }, patience, 10*time.Millisecond)
	_, _, ok = engine.Attach(dir)
	require.False(t, ok)
}

func TestKilledEngineLosesNoAcknowledgedRowAndKeepsNoPartOfABatch(t *testing.T) {
	const batch = 20_000
	rounds := 8
	if testing.Short() {
		rounds = 2
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	ids, ns, ss := make([]uint64, batch), make([]uint64, batch), make([]string, batch)
	for i := range ns {
		ns[i], ss[i] = uint64(i), fmt.Sprint("row ", i)
	}
	acked, next := map[uint64]bool{}, uint64(0)
	for range rounds {
		p := enginetest.StartIn(t, dir)
		conn := connect(t, p.DSN("default"))
		exec(t, conn, "CREATE TABLE IF NOT EXISTS t (batch UInt64, n UInt64, s String) ENGINE = MergeTree ORDER BY (batch, n)")
		first := next
		for ; ; next++ {
			for i := range ids {
				ids[i] = next
			}
			if err := send(soon(t), conn, ids, ns, ss); err != nil {
				require.NotEqual(t, first, next, "nobody has killed it yet: %v", err)
				break
			}
			acked[next] = true
			if next == first { // at any moment after that
				time.AfterFunc(time.Duration(random.IntN(400))*time.Millisecond, func() { kill(t, p.Pid()) })
			}
		}
		next++ // the id of a failed batch is not used again
		<-p.Done()
	}
	require.NotEmpty(t, acked)
	conn := connect(t, enginetest.StartIn(t, dir).DSN("default"))
	rows, err := conn.Query(soon(t), "SELECT batch, count(), uniqExact(n) FROM t GROUP BY batch")
	require.NoError(t, err)
	for rows.Next() {
		var id, count, distinct uint64
		require.NoError(t, rows.Scan(&id, &count, &distinct))
		require.EqualValues(t, batch, count, "batch %d", id)
		require.EqualValues(t, batch, distinct, "batch %d", id)
		delete(acked, id)
	}
	require.NoError(t, rows.Close())
	require.Empty(t, acked, "acknowledged batches that are gone")
	t.Logf("%d batches sent, %d kills", next, rounds)
}
