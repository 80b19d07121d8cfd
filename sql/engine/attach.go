package engine

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// attachTimeout bounds how long Attach waits for an answer.
const attachTimeout = 2 * time.Second

// Attach finds the living engine of a store's directory: its address and token.
// ok is false when none answers; then Start may serve the directory.
func Attach(dir string) (addr, token string, ok bool) {
	if !locked(dir) {
		return "", "", false
	}
	at, err := readAddress(dir)
	if err != nil {
		return "", "", false
	}
	if token, err = readToken(dir); err != nil {
		return "", "", false
	}
	ctx, cancel := context.WithTimeout(context.Background(), attachTimeout)
	defer cancel()
	return at.Addr, token, probe(ctx, at.Addr, token) == nil
}

// locked reports whether an engine holds the directory. It takes the lock for a
// moment where none does, which Claim allows for.
func locked(dir string) bool {
	f, err := os.Open(filepath.Join(dir, lockName))
	if err != nil {
		return false
	}
	defer f.Close()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	return errors.Is(err, syscall.EWOULDBLOCK)
}

// probe asks the engine for one row, so that a foreign server on the port is not
// taken for it.
func probe(ctx context.Context, addr, token string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/?query=SELECT+1", nil)
	if err != nil {
		return err
	}
	req.Header.Set("X-ClickHouse-Key", token)
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New("engine at " + addr + " answers " + res.Status)
	}
	return nil
}

// DSN is clickhouse-go's address of an engine: http://default:TOKEN@ADDR/DATABASE.
func DSN(addr, token, database string) string {
	return "http://default:" + token + "@" + addr + "/" + database
}
