package engine

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Names inside a store's directory.
const (
	storeName   = "store"
	tokenName   = "token"
	addressName = "engine.json"
	lockName    = "engine.lock"
)

// Address says where the engine of a directory answers.
type Address struct {
	Addr    string `json:"addr"`    // host:port
	PID     int    `json:"pid"`     // of festival-engine
	Version string `json:"version"` // of the engine, such as "26.7.2.1"
}

// ErrServed says that a living engine has the directory.
var ErrServed = errors.New("the store is served already")

// Home is a store's directory while its engine holds it.
type Home struct {
	dir  string
	lock *os.File
}

// lockWait covers an engine that was killed a moment ago and a Served that looks
// at the lock (it holds it for microseconds).
const lockWait = 500 * time.Millisecond

// Claim creates dir with mode 0700 and locks it for this process. While another
// engine holds it the error is ErrServed and names that engine's address.
func Claim(dir string) (*Home, error) {
	if err := os.MkdirAll(filepath.Join(dir, storeName), 0o700); err != nil {
		return nil, fmt.Errorf("create store: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock store: %w", err)
	}
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			break
		}
		if time.Since(begin) > lockWait {
			return nil, errors.Join(served(dir, err), lock.Close())
		}
	}
	h := &Home{dir: dir, lock: lock}
	return h, h.forget()
}

// served words the refusal.
func served(dir string, err error) error {
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("lock store %s: %w", dir, err)
	}
	at, err := readAddress(dir)
	if err != nil {
		return fmt.Errorf("%w: %s is locked by an engine that is starting or stopping; try again in a moment", ErrServed, dir)
	}
	return fmt.Errorf("%w: the engine of %s is process %d at %s; stop it or use that one", ErrServed, dir, at.PID, at.Addr)
}

// Dir is the store's directory.
func (h *Home) Dir() string { return h.dir }

// StorePath is the directory of the engine's own data.
func (h *Home) StorePath() string { return filepath.Join(h.dir, storeName) }

// Token gives want, or without it the token that the directory has, or a new
// random one; and leaves it in the token file with mode 0600.
func (h *Home) Token(want string) (string, error) {
	path := filepath.Join(h.dir, tokenName)
	have, err := readToken(h.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	token := firstOf(want, have, newToken())
	if err := writeFile(path, token+"\n"); err != nil {
		return "", fmt.Errorf("write token: %w", err)
	}
	return token, nil
}

// Announce writes engine.json, and the same line to ready, which the parent reads.
func (h *Home) Announce(at Address, ready io.Writer) error {
	line, err := json.Marshal(at)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(h.dir, addressName), string(line)+"\n"); err != nil {
		return fmt.Errorf("announce engine: %w", err)
	}
	_, err = fmt.Fprintf(ready, "%s\n", line)
	return err
}

// forget takes away the address of an engine that is gone.
func (h *Home) forget() error {
	err := os.Remove(filepath.Join(h.dir, addressName))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Release takes the address away and gives up the lock.
func (h *Home) Release() {
	_ = h.forget()
	_ = h.lock.Close()
}

// writeFile replaces a file as a whole, mode 0600.
func writeFile(path, text string) error {
	next := path + ".new"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}

func readToken(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, tokenName))
	return strings.TrimSpace(string(b)), err
}

func readAddress(dir string) (Address, error) {
	var at Address
	b, err := os.ReadFile(filepath.Join(dir, addressName))
	if err != nil {
		return at, err
	}
	return at, json.Unmarshal(b, &at)
}

func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}
