package broker

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"festival/ingest/kafka"
	"festival/sql/leaks"
)

// childDir makes the test binary a broker on that directory, to be killed.
const childDir = "FESTIVAL_TEST_BROKER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		b, err := Start(context.Background(), config(dir))
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(b.Addr())
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // until the parent goes
		os.Exit(0)
	}
	leaks.Main(m)
}

func config(dir string) Config {
	cfg := DefaultConfig()
	cfg.Dir, cfg.Addr = dir, "127.0.0.1:0"
	return cfg
}

// patience bounds every wait for something that has to happen; nothing waits that long on a quiet machine.
const patience = 3 * time.Minute

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func client(t testing.TB, addr string) *kafka.Client {
	cfg := kafka.DefaultConfig()
	cfg.Brokers, cfg.MetadataTTL = []string{addr}, 50*time.Millisecond
	c, err := kafka.New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// fill writes n batches of about a megabyte, in turn over the partitions.
func fill(t testing.TB, c *kafka.Client, codec kafka.Codec, batches int) (records int64) {
	p, err := c.NewProducer(within(t))
	require.NoError(t, err)
	e, err := kafka.NewEncoder(codec)
	require.NoError(t, err)
	value := []byte(strings.Repeat("festival ", 59))
	for !e.Full() {
		e.Append([]byte("2611110000000001"), value, 1_000_000_000_000) // 2001: time deletes nothing
	}
	for i := range batches {
		_, err := p.Send(within(t), int32(i%p.Partitions()), e)
		require.NoError(t, err)
		records += int64(e.Len())
	}
	return records
}

func TestSameDirectorySameLog(t *testing.T) {
	dir := t.TempDir()
	ids := map[string]bool{}
	var tail kafka.Tail
	for round := range 3 {
		b, err := Start(within(t), config(dir))
		require.NoError(t, err)
		c := client(t, b.Addr())
		id, err := c.Identity(within(t))
		require.NoError(t, err)
		assert.EqualValues(t, 4, id.Partitions)
		assert.Len(t, id.ClusterID, 22)
		ids[id.ClusterID] = true
		if round == 0 {
			fill(t, c, kafka.LZ4, 4)
			r := c.Reader(0)
			_, err = r.Fetch(within(t), 0)
			require.NoError(t, err)
			for r.Next() {
			}
			tail = r.Tail()
			r.Close()
		}
		assert.NoError(t, c.CheckTail(within(t), 0, tail))
		b.Stop()
	}
	assert.Len(t, ids, 1)
	b, err := Start(within(t), config(t.TempDir()))
	require.NoError(t, err)
	defer b.Stop()
	id, err := client(t, b.Addr()).Identity(within(t))
	require.NoError(t, err)
	assert.False(t, ids[id.ClusterID], "another directory is another cluster")
}

func TestPortTakenIsOneSentence(t *testing.T) {
	b, err := Start(within(t), config(t.TempDir()))
	require.NoError(t, err)
	defer b.Stop()
	cfg := config(t.TempDir())
	cfg.Addr = b.Addr()
	_, err = Start(within(t), cfg)
	require.ErrorContains(t, err, "is taken by another program")
	assert.NotContains(t, err.Error(), "\n")
	t.Log(err)
}

func TestValidateReportsAll(t *testing.T) {
	_, err := Start(within(t), Config{Addr: "0.0.0.0:1", SegmentBytes: 1 << 20})
	for _, word := range []string{"directory", "reach", "topic", "partitions", "batch bytes"} {
		assert.ErrorContains(t, err, word)
	}
}

// TestLogStaysBounded also after a restart, where kfake alone would never delete.
func TestLogStaysBounded(t *testing.T) {
	cfg := config(t.TempDir())
	cfg.RetentionBytes, cfg.SegmentBytes = 8<<20, 2<<20
	for range 2 {
		b, err := Start(within(t), cfg)
		require.NoError(t, err)
		c := client(t, b.Addr())
		fill(t, c, kafka.None, 40)
		require.Eventually(t, func() bool {
			b.cluster.ApplyRetention()
			return diskUse(t, cfg.Dir) <= cfg.RetentionBytes+4*(cfg.SegmentBytes+1<<20)
		}, patience, 50*time.Millisecond)
		offsets, err := c.Offsets(within(t), []int32{0, 1, 2, 3})
		require.NoError(t, err)
		for _, o := range offsets {
			assert.Positive(t, o.LogStart)
			assert.Greater(t, o.HighWatermark, o.LogStart, "what is inside the limit stays")
		}
		b.Stop()
	}
}

func diskUse(t testing.TB, dir string) (sum int64) {
	require.NoError(t, filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			sum += info.Size()
		}
		return nil
	}))
	return sum
}

// child starts the test binary as a broker and gives its address.
func child(t testing.TB, dir string) (*exec.Cmd, string) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	_, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	addr, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return cmd, strings.TrimSpace(addr)
}

// TestKillLosesNothingAcknowledged kills the process while records come in.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	var acknowledged int64
	for range 3 {
		cmd, addr := child(t, dir)
		acknowledged += fill(t, client(t, addr), kafka.LZ4, 12)
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
	}
	b, err := Start(within(t), config(dir))
	require.NoError(t, err)
	defer b.Stop()
	c := client(t, b.Addr())
	var got int64
	for p := range int32(4) {
		r := c.Reader(p)
		for {
			fetched, err := r.Fetch(within(t), r.Position())
			require.NoError(t, err)
			for r.Next() {
				got++
			}
			require.NoError(t, r.Err())
			if r.Position() >= fetched.StableEnd {
				break
			}
		}
		r.Close()
	}
	assert.Equal(t, acknowledged, got)
}
