package sql

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// unavailable are ClickHouse's error codes that say "not now" (src/Common/ErrorCodes.cpp): broken transfers, time and
// memory limits, disks, replicas, too many parts or queries. Every other code stays until someone changes something.
var unavailable = []int32{
	3,    // UNEXPECTED_END_OF_FILE
	23,   // CANNOT_READ_FROM_ISTREAM
	32,   // ATTEMPT_TO_READ_AFTER_EOF: a broken upload
	33,   // CANNOT_READ_ALL_DATA: a broken upload
	74,   // CANNOT_READ_FROM_FILE_DESCRIPTOR
	75,   // CANNOT_WRITE_TO_FILE_DESCRIPTOR
	76,   // CANNOT_OPEN_FILE
	159,  // TIMEOUT_EXCEEDED
	160,  // TOO_SLOW
	173,  // CANNOT_ALLOCATE_MEMORY
	198,  // DNS_ERROR
	202,  // TOO_MANY_SIMULTANEOUS_QUERIES
	203,  // NO_FREE_CONNECTION
	209,  // SOCKET_TIMEOUT
	210,  // NETWORK_ERROR
	236,  // ABORTED
	241,  // MEMORY_LIMIT_EXCEEDED
	242,  // TABLE_IS_READ_ONLY
	243,  // NOT_ENOUGH_SPACE
	252,  // TOO_MANY_PARTS
	254,  // NO_ACTIVE_REPLICAS
	279,  // ALL_CONNECTION_TRIES_FAILED
	285,  // TOO_FEW_LIVE_REPLICAS
	286,  // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
	319,  // UNKNOWN_STATUS_OF_INSERT
	394,  // QUERY_WAS_CANCELLED
	425,  // SYSTEM_ERROR
	439,  // CANNOT_SCHEDULE_TASK
	473,  // DEADLOCK_AVOIDED
	519,  // NO_REPLICA_HAS_PART
	999,  // KEEPER_EXCEPTION
	1000, // POCO_EXCEPTION
	1001, // STD_EXCEPTION
}

// IsUnavailable tells whether the same call may succeed later without anyone changing anything: network, timeouts, a
// server that is down, full, read-only or overloaded. False is permanent: wrong credentials, schema, statements, and
// also a context that the caller cancelled. Everything this package does may be repeated.
func IsUnavailable(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		return slices.Contains(unavailable, exception.Code)
	}
	var status *clickhouse.HTTPError
	if errors.As(err, &status) {
		return status.StatusCode >= 500 || status.StatusCode == 429
	}
	return isNetwork(err)
}

func isNetwork(err error) bool {
	var network net.Error
	if errors.As(err, &network) {
		return true
	}
	for _, target := range []error{io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed, driver.ErrBadConn,
		context.DeadlineExceeded, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE,
		clickhouse.ErrAcquireConnTimeout, clickhouse.ErrConnectionClosed} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// refused are the codes of wrong credentials: unknown user, wrong password, no such user or password.
var refused = []int32{192, 193, 194, 516}

// cannotOpen is the one sentence of a store that cannot be opened: which, what it says, and what to mend.
func cannotOpen(opt *clickhouse.Options, err error) error {
	at := strings.Join(opt.Addr, ",")
	var exception *clickhouse.Exception
	var dial *net.OpError
	switch {
	case errors.As(err, &exception) && slices.Contains(refused, exception.Code):
		return fmt.Errorf("open store %s: it refuses user %q: mend user or password (clickhouse.dsn, clickhouse.password_file): %w", at, opt.Auth.Username, exception)
	case errors.As(err, &dial) && dial.Op == "dial":
		return fmt.Errorf("open store %s: nothing answers: start it, or mend clickhouse.dsn: %w", at, dial)
	case isCertificate(err):
		return fmt.Errorf("open store %s: its certificate is not believed: mend clickhouse.tls or the server's: %w", at, short(err))
	case isNetwork(err):
		return fmt.Errorf("open store %s: no answer of a ClickHouse: is it one, does the DSN's scheme fit its port (http 8123, https 8443, clickhouse 9000, secure 9440)? %w", at, short(err))
	}
	return fmt.Errorf("open store %s: %w", at, short(err))
}

func isCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
}

// short leaves the URL out of a transport's error: over HTTP it holds the whole statement, encoded, and says nothing
// that an operator needs beside the host.
func short(err error) error {
	var u *url.Error
	if !errors.As(err, &u) {
		return err
	}
	host := "the store"
	if at, parsed := url.Parse(u.URL); parsed == nil && at.Host != "" {
		host = at.Host
	}
	return fmt.Errorf("%s: %w", host, u.Err)
}
