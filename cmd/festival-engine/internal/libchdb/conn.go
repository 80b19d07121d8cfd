package libchdb

import (
	"errors"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Params are the values of {name:Type} placeholders in a statement, by name,
// in ClickHouse's Escaped (tab-separated) spelling.
type Params map[string]string

// Conn is one session of the engine: current database and settings. It runs one
// statement at a time; use it from one goroutine. A fresh one costs about 0.2 ms
// (measured, 26.7.3), so one per request keeps requests apart.
type Conn struct {
	lib    *Library
	handle uintptr // chdb_connection *
}

// ErrConnect says that the library refused a connection. It gives no reason; the
// known ones are a data path that another process has open and an invalid value
// for a setting.
var ErrConnect = errors.New("libchdb refused the connection")

// Connect opens a session. The first one starts the engine and gives the server
// options (--path=...); later ones need the same --path. --setting=value applies
// to this session alone. Close frees it.
func (l *Library) Connect(args ...string) (*Conn, error) {
	var c cargs
	defer c.free()
	argv := append([]string{"clickhouse"}, args...)
	r, _, _ := purego.SyscallN(l.fn.connect, uintptr(len(argv)), c.argv(argv))
	if r == 0 {
		return nil, ErrConnect
	}
	return &Conn{lib: l, handle: r}, nil
}

// Close ends the session. The last one to close stops the engine.
func (c *Conn) Close() {
	if c.handle != 0 {
		purego.SyscallN(c.lib.fn.closeConn, c.handle)
		c.handle = 0
	}
}

// id is the chdb_connection behind the chdb_connection *.
func (c *Conn) id() uintptr { return *(*uintptr)(pointer(c.handle)) }

// call runs one of the _with_params_n functions.
func (c *Conn) call(fn uintptr, sql, format string, p Params) uintptr {
	var a cargs
	defer a.free()
	sqlAt, sqlLen := a.str(sql)
	formatAt, formatLen := a.str(format)
	w := a.params(p)
	r, _, _ := purego.SyscallN(fn, c.id(), sqlAt, sqlLen, formatAt, formatLen, w[0], w[1], w[2], w[3], w[4])
	return r
}

// Query runs any statement and holds its whole result in memory. format is the
// output format where the statement names none. Free the result.
func (c *Conn) Query(sql, format string, p Params) (*Result, error) {
	return c.lib.result(c.call(c.lib.fn.query, sql, format, p))
}

// Exec runs a statement and drops its result.
func (c *Conn) Exec(sql string, p Params) error {
	r, err := c.Query(sql, "Null", p)
	if err != nil {
		return err
	}
	r.Free()
	return nil
}

// Result is a piece of output. Free it; Bytes are borrowed until then.
type Result struct {
	lib    *Library
	handle uintptr // chdb_result *
}

// result wraps a chdb_result *, or frees it and gives its error.
func (l *Library) result(handle uintptr) (*Result, error) {
	if handle == 0 {
		return nil, &Exception{Code: codeUnknown, Message: "libchdb gave no result"}
	}
	r := &Result{lib: l, handle: handle}
	at, _, _ := purego.SyscallN(l.fn.resultError, handle)
	if at == 0 {
		return r, nil
	}
	err := parseException(goString(at))
	r.Free()
	return nil, err
}

// Bytes is the output, borrowed until Free.
func (r *Result) Bytes() []byte {
	at, _, _ := purego.SyscallN(r.lib.fn.resultBuffer, r.handle)
	n, _, _ := purego.SyscallN(r.lib.fn.resultLength, r.handle)
	if at == 0 || n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(pointer(at)), n)
}

// RowsWritten counts rows written, those of materialized views included.
func (r *Result) RowsWritten() uint64 {
	n, _, _ := purego.SyscallN(r.lib.fn.rowsWritten, r.handle)
	return uint64(n)
}

// Free gives the memory back. It may be called twice.
func (r *Result) Free() {
	if r.handle != 0 {
		purego.SyscallN(r.lib.fn.destroyResult, r.handle)
		r.handle = 0
	}
}
