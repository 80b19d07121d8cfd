package engine

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"
)

const (
	// DefaultAddr takes a free port of the loopback interface.
	DefaultAddr = "127.0.0.1:0"
	// DefaultMaxMemory is the engine's memory bound in bytes: 1 GiB.
	DefaultMaxMemory = 1 << 30
	// MinMemory is what one insert of 100,000 orders needs, with room for a merge.
	MinMemory = 256 << 20
	// DefaultMergeThreads are the threads that merge parts in the background.
	DefaultMergeThreads = 2
	// TokenEnv carries the token to the child: arguments can be read by every user.
	TokenEnv = "FESTIVAL_ENGINE_TOKEN"
	// BinaryEnv names the program festival-engine where it is not beside this one.
	BinaryEnv = "FESTIVAL_ENGINE_BIN"
	// LibEnv names libchdb.so.
	LibEnv = "FESTIVAL_ENGINE_LIB"
)

// Config says which store to serve and how.
type Config struct {
	// Dir is the store's directory; created with mode 0700. Required.
	Dir string
	// Addr is the loopback address to listen on. Default DefaultAddr.
	Addr string
	// Token is the password of the user default. Default: the one in Dir's token
	// file, else a random one of 32 hexadecimal digits.
	Token string
	// Binary is the program festival-engine. Default: $FESTIVAL_ENGINE_BIN, then
	// beside this executable.
	Binary string
	// LibPath is libchdb.so. Default: found by the child (FindLibrary).
	LibPath string
	// MaxMemory in bytes; 0 means DefaultMaxMemory, below 0 90 % of the machine's.
	MaxMemory int64
	// MergeThreads; 0 means DefaultMergeThreads.
	MergeThreads int
	// KeepFree are the free bytes of the store's disk below which inserts into orders, rejects and cells are refused with
	// code 243, and below half of which all are; 0 means DefaultKeepFree, or 5 % of a disk below 40 GiB; below 0 none.
	KeepFree int64
	// StartTimeout bounds the time until the engine answers. Default 30 s (a library
	// outside the page cache took 0.4 s, a store of 1.1 GB 0.35 s).
	StartTimeout time.Duration
	// Stderr takes the child's log. Default: nothing is kept but the last lines,
	// which an error of Start quotes.
	Stderr io.Writer
	// Log takes Supervise's events. Default: none.
	Log *slog.Logger
}

// withDefaults fills what is empty.
func (c Config) withDefaults() Config {
	if c.Addr == "" {
		c.Addr = DefaultAddr
	}
	if c.MaxMemory == 0 {
		c.MaxMemory = DefaultMaxMemory
	}
	if c.MergeThreads == 0 {
		c.MergeThreads = DefaultMergeThreads
	}
	if c.StartTimeout == 0 {
		c.StartTimeout = 30 * time.Second
	}
	if c.Stderr == nil {
		c.Stderr = io.Discard
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate reports every problem at once.
func (c Config) Validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("the store's directory is missing"))
	}
	if c.Addr != "" {
		errs = append(errs, CheckLoopback(c.Addr))
	}
	if c.MergeThreads < 0 {
		errs = append(errs, fmt.Errorf("%d merge threads are too few: give at least 1", c.MergeThreads))
	}
	return errors.Join(errs...)
}

// CheckLoopback refuses an address that others could reach: the interface has
// one password and no TLS.
func CheckLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("address %q is not HOST:PORT, such as %s: %w", addr, DefaultAddr, err)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("address %q can be reached from outside: the engine listens on loopback only, such as %s", addr, DefaultAddr)
}
