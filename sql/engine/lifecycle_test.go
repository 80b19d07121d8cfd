package engine_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql/engine"
	"festival/sql/engine/enginetest"
)

func TestStopEndsRunningStatementsInTime(t *testing.T) {
	dir := t.TempDir()
	p := enginetest.StartIn(t, dir)
	conn := connect(t, p.DSN("default"))
	ended := make(chan error, 1)
	go func() { ended <- drain(context.Background(), conn, "SELECT count() FROM numbers(1000000000000)") }()
	other := connect(t, p.DSN("default"))
	require.Eventually(t, func() bool {
		return number(t, other, "SELECT count() FROM system.processes WHERE query LIKE '%1000000000000%' AND query NOT LIKE '%processes%'") == 1
	}, patience, 10*time.Millisecond)
	begin := time.Now()
	require.NoError(t, p.Stop(soon(t)))
	require.Less(t, time.Since(begin), patience/2, "the statement would take a quarter of an hour")
	require.Error(t, <-ended)
	require.NoError(t, p.Err())
	require.NoError(t, p.Stop(soon(t)), "a second Stop")
	_, _, ok := engine.Attach(dir)
	require.False(t, ok)
	require.NoFileExists(t, filepath.Join(dir, "engine.json"))
}

func TestDataOutlivesARestart(t *testing.T) {
	dir := t.TempDir()
	p := enginetest.StartIn(t, dir)
	exec(t, connect(t, p.DSN("default")), allTypes)
	require.NoError(t, sendColumns(t, soon(t), connect(t, p.DSN("default")), "t", 0, 100))
	require.NoError(t, p.Stop(soon(t)))
	again := enginetest.StartIn(t, dir)
	require.Equal(t, p.Token(), again.Token())
	requireRow(t, connect(t, again.DSN("default")), 99)
}

func TestSecondEngineIsRefusedAndNamesTheFirst(t *testing.T) {
	dir := t.TempDir()
	p := enginetest.StartIn(t, dir)
	_, err := engine.Start(soon(t), enginetest.Config(t, dir))
	require.ErrorIs(t, err, engine.ErrServed)
	require.ErrorContains(t, err, p.Addr())

	addr, token, ok := engine.Attach(dir)
	require.True(t, ok)
	require.Equal(t, p.Addr(), addr)
	require.NoError(t, connect(t, engine.DSN(addr, token, "default")).Ping(soon(t)))
}

func TestAttachIgnoresAnEngineThatWasKilled(t *testing.T) {
	dir := t.TempDir()
	p := enginetest.StartIn(t, dir)
	kill(t, p.Pid())
	<-p.Done()
	require.ErrorContains(t, p.Err(), "killed")
	require.FileExists(t, filepath.Join(dir, "engine.json"), "nobody was left to take it away")
	_, _, ok := engine.Attach(dir)
	require.False(t, ok)
	_, _, ok = engine.Attach(filepath.Join(dir, "nowhere"))
	require.False(t, ok)
}

func TestFilesAreForTheOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	p := enginetest.StartIn(t, dir, func(c *engine.Config) { c.Token = "s3cret" })
	require.Equal(t, "s3cret", p.Token())
	for name, mode := range map[string]os.FileMode{".": 0o700 | os.ModeDir, "store": 0o700 | os.ModeDir, "token": 0o600, "engine.json": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode(), name)
	}
	args, err := os.ReadFile("/proc/" + pid(p.Pid()) + "/cmdline")
	require.NoError(t, err)
	require.NotContains(t, string(args), "s3cret")
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	cfg := enginetest.Config(t, t.TempDir())
	cfg.LibPath = filepath.Join(t.TempDir(), "libchdb.so")
	_, err := engine.Start(soon(t), cfg)
	require.ErrorIs(t, err, engine.ErrNoLibrary)
	require.ErrorContains(t, err, "make engine")

	cfg.Binary = filepath.Join(t.TempDir(), "festival-engine")
	_, err = engine.Start(soon(t), cfg)
	require.ErrorIs(t, err, engine.ErrNoBinary)
	require.ErrorContains(t, err, "make build")
}

func TestABrokenLibraryIsNamed(t *testing.T) {
	cfg := enginetest.Config(t, t.TempDir())
	cfg.LibPath = filepath.Join(t.TempDir(), "libchdb.so")
	require.NoError(t, os.WriteFile(cfg.LibPath, []byte("not a library"), 0o600))
	_, err := engine.Start(soon(t), cfg)
	require.ErrorContains(t, err, cfg.LibPath)
}

func TestEveryProblemOfAConfigIsReported(t *testing.T) {
	_, err := engine.Start(soon(t), engine.Config{Addr: "0.0.0.0:8123", MergeThreads: -1})
	for _, part := range []string{"directory is missing", "0.0.0.0:8123", "-1 merge threads"} {
		require.ErrorContains(t, err, part)
	}
}

func TestTakenPortIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	cfg := enginetest.Config(t, t.TempDir())
	cfg.Addr = l.Addr().String()
	_, err = engine.Start(soon(t), cfg)
	require.ErrorContains(t, err, cfg.Addr)
}

func TestSuperviseStartsTheEngineAgainAtTheSameAddress(t *testing.T) {
	s, err := engine.Supervise(soon(t), enginetest.Config(t, t.TempDir()))
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Stop(soon(t))) }()
	conn := connect(t, s.DSN("default"))
	exec(t, conn, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	for round := range 3 {
		exec(t, conn, "INSERT INTO t VALUES (?)", round)
		dsn := s.DSN("default")
		kill(t, s.Pid())
		require.Eventually(t, func() bool { return s.Restarts() == int64(round)+1 && s.Up() }, patience, 5*time.Millisecond)
		require.Equal(t, dsn, s.DSN("default"))
		require.EqualValues(t, round+1, number(t, conn, "SELECT count() FROM t"))
	}
	require.NoError(t, s.Stop(soon(t)))
	require.False(t, s.Up())
}

// kill ends a process that this test started, as a power cut would.
func kill(t testing.TB, pid int) {
	t.Helper()
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
}

// gone reports whether no such process is left (a zombie is not one that lives).
func gone(id int) bool {
	stat, err := os.ReadFile("/proc/" + pid(id) + "/stat")
	return errors.Is(err, os.ErrNotExist) || isZombie(stat)
}
