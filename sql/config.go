package sql

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Config says where the store is.
type Config struct {
	// DSN is clickhouse://, tcp://, http:// or https:// with user, password, hosts and clickhouse-go's parameters
	// (secure, skip_verify, compress, dial_timeout, ...); other parameters are settings of every query. Required.
	DSN string
	// Password instead of one in the DSN, so that it need not stand where the DSN does. Default: the DSN's.
	Password string
	// TLS is how the server is believed and who we are; for a DSN that is secure. Default: the system's authorities.
	TLS *tls.Config
	// Database holds the tables and is created where it is missing. Default: the DSN's path, else "festival".
	Database string
	// MaxConns bounds open connections. Default 16.
	MaxConns int
	// DialTimeout bounds one connection attempt where the DSN does not say. Default 5 s.
	DialTimeout time.Duration
}

// DefaultDatabase is used where neither Config nor DSN names one.
const DefaultDatabase = "festival"

// identifier is what a database may be called; narrower than ClickHouse, so that nothing needs quoting.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// Validate reports all problems at once.
func (c Config) Validate() error {
	_, err := c.options()
	return err
}

// options are clickhouse-go's, with the defaults filled in and what exactness asks for.
func (c Config) options() (*clickhouse.Options, error) {
	var errs []error
	if c.MaxConns < 0 {
		errs = append(errs, fmt.Errorf("clickhouse.max_conns is %d: give a positive number or leave it out", c.MaxConns))
	}
	if c.DSN == "" {
		return nil, errors.Join(append(errs, errors.New("clickhouse.dsn is empty: give clickhouse://HOST:9000 or http://HOST:8123"))...)
	}
	opt, err := parse(c.DSN)
	if err != nil {
		return nil, errors.Join(append(errs, fmt.Errorf("clickhouse.dsn cannot be read: %w", err))...)
	}
	switch {
	case c.Database != "":
		opt.Auth.Database = c.Database
	case opt.Auth.Database == "":
		opt.Auth.Database = DefaultDatabase
	}
	if !identifier.MatchString(opt.Auth.Database) {
		errs = append(errs, fmt.Errorf("clickhouse database %q: use letters, digits and _ only", opt.Auth.Database))
	}
	errs = append(errs, c.credentials(opt))
	c.defaults(opt)
	return opt, errors.Join(errs...)
}

// credentials puts password and TLS over the DSN's.
func (c Config) credentials(opt *clickhouse.Options) error {
	var errs []error
	if c.Password != "" && opt.Auth.Password != "" {
		errs = append(errs, errors.New("clickhouse.dsn holds a password and clickhouse.password_file or FESTIVAL_CLICKHOUSE_PASSWORD gives another: keep one"))
	}
	if c.Password != "" {
		opt.Auth.Password = c.Password
	}
	switch {
	case c.TLS == nil:
	case opt.TLS == nil:
		errs = append(errs, errors.New("clickhouse.tls is given, but clickhouse.dsn is not secure: write https://HOST:8443, or clickhouse://HOST:9440?secure=true"))
	case opt.TLS.InsecureSkipVerify:
		errs = append(errs, errors.New("clickhouse.dsn says skip_verify and clickhouse.tls says whom to believe: keep one"))
	default:
		opt.TLS = c.TLS.Clone()
	}
	return errors.Join(errs...)
}

// schemes are those that clickhouse-go knows; it takes any other one for the native protocol.
var schemes = []string{"clickhouse", "tcp", "native", "http", "https"}

// parse reads a DSN; https:// says secure=true by itself. Errors hide the password.
func parse(dsn string) (*clickhouse.Options, error) {
	scheme, _, _ := strings.Cut(dsn, "://")
	if !slices.Contains(schemes, scheme) {
		return nil, fmt.Errorf("it begins with none of %s", strings.Join(schemes, "://, ")+"://")
	}
	if scheme == "https" && !strings.Contains(dsn, "secure=") {
		if strings.Contains(dsn, "?") {
			dsn += "&secure=true"
		} else {
			dsn += "?secure=true"
		}
	}
	return clickhouse.ParseDSN(dsn)
}

// defaults: one block a part needs synchronous inserts; looking for double keys within a block, which never has any,
// costs as much as the rest of an insert (measured: 1.26 us of the engine's CPU a raw row, 0.64 without); compression
// on loopback costs more than the copy it saves; conditions on the sort key may be asked before FINAL merges (a
// breakdown of one minute in 20 million cells: 45 ms of the engine's CPU instead of 255).
func (c Config) defaults(opt *clickhouse.Options) {
	opt.Settings["async_insert"] = 0
	opt.Settings["optimize_on_insert"] = 0
	opt.Settings["optimize_move_to_prewhere_if_final"] = 1
	if loopback(opt.Addr) {
		opt.Compression = &clickhouse.Compression{Method: clickhouse.CompressionNone}
	}
	if opt.MaxOpenConns = c.MaxConns; c.MaxConns == 0 {
		opt.MaxOpenConns = 16
	}
	opt.MaxIdleConns = opt.MaxOpenConns
	opt.TransportFunc = func(t *http.Transport) (http.RoundTripper, error) { return plainTransport{t}, nil }
	if opt.DialTimeout == 0 {
		opt.DialTimeout = 5 * time.Second
		if c.DialTimeout > 0 {
			opt.DialTimeout = c.DialTimeout
		}
	}
}

// loopback tells whether all addresses are of this machine.
func loopback(addrs []string) bool {
	for _, a := range addrs {
		host, _, err := net.SplitHostPort(a)
		if err != nil {
			host = a
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}
