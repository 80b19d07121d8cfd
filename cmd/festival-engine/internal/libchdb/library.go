package libchdb

import (
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Library is the loaded shared library. It is safe for concurrent use.
type Library struct {
	fn functions
}

// functions holds the addresses of the entry points, in the order of use.
type functions struct {
	version, signals, connect, closeConn, shutdown            uintptr
	query, stream, fetch, cancelStream, destroyResult         uintptr
	resultBuffer, resultLength, resultError, rowsWritten      uintptr
	insert, append, done, cancelInsert, insertError, destroyI uintptr
}

// Load opens the shared library at path. It switches the library's signal
// handlers off before anything else: with them on, a Go nil dereference that is
// recovered from hangs the process (measured with 26.7.3).
func Load(path string) (*Library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, err)
	}
	l := &Library{}
	for name, at := range l.fn.table() {
		if *at, err = purego.Dlsym(handle, name); err != nil {
			return nil, fmt.Errorf("%s lacks %s, needed is libchdb 26.7.3: %w", path, name, err)
		}
	}
	purego.SyscallN(l.fn.signals, 0)
	return l, nil
}

// table names the C symbol of each entry point.
func (f *functions) table() map[string]*uintptr {
	return map[string]*uintptr{
		"chdb_version":                     &f.version,
		"chdb_set_signal_handlers_enabled": &f.signals,
		"chdb_connect":                     &f.connect,
		"chdb_close_conn":                  &f.closeConn,
		"chdb_shutdown":                    &f.shutdown,
		"chdb_query_with_params_n":         &f.query,
		"chdb_stream_query_with_params_n":  &f.stream,
		"chdb_stream_fetch_result":         &f.fetch,
		"chdb_stream_cancel_query":         &f.cancelStream,
		"chdb_destroy_query_result":        &f.destroyResult,
		"chdb_result_buffer":               &f.resultBuffer,
		"chdb_result_length":               &f.resultLength,
		"chdb_result_error":                &f.resultError,
		"chdb_result_rows_written":         &f.rowsWritten,
		"chdb_stream_insert_with_params_n": &f.insert,
		"chdb_stream_append":               &f.append,
		"chdb_stream_done":                 &f.done,
		"chdb_stream_cancel_insert":        &f.cancelInsert,
		"chdb_stream_insert_error":         &f.insertError,
		"chdb_destroy_insert_stream":       &f.destroyI,
	}
}

// Version is the library's release, such as "26.7.3" (the engine inside has its
// own: SELECT version()).
func (l *Library) Version() string {
	r, _, _ := purego.SyscallN(l.fn.version)
	return goString(r)
}

// Shutdown joins the engine's threads. Every connection must be closed before;
// it reports whether the engine is stopped. The library is of no use afterwards.
func (l *Library) Shutdown() bool {
	r, _, _ := purego.SyscallN(l.fn.shutdown)
	return int32(r) == stateSuccess
}

// stateSuccess is CHDBSuccess of enum chdb_state.
const stateSuccess = 0

// goString copies a C string; the empty string for NULL.
func goString(at uintptr) string {
	if at == 0 {
		return ""
	}
	n := 0
	for *(*byte)(pointer(at + uintptr(n))) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(pointer(at)), n))
}

// pointer turns a C address into a pointer without vet's complaint about
// uintptr arithmetic: the memory is C's, so no garbage collector moves it.
func pointer(at uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&at))
}
