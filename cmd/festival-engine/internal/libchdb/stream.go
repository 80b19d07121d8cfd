package libchdb

import "github.com/ebitengine/purego"

// Stream is a SELECT whose output comes in pieces. Only SELECT and WITH can be
// streamed (others: code 36), and pieces can be joined only in formats without
// header and footer. Close it.
type Stream struct {
	conn   *Conn
	init   *Result
	ended  bool
	failed bool
}

// Stream begins a SELECT.
func (c *Conn) Stream(sql, format string, p Params) (*Stream, error) {
	init, err := c.lib.result(c.call(c.lib.fn.stream, sql, format, p))
	if err != nil {
		return nil, err
	}
	return &Stream{conn: c, init: init}, nil
}

// Next gives the next piece, nil at the end. Free each one.
func (s *Stream) Next() (*Result, error) {
	if s.ended {
		return nil, nil
	}
	h, _, _ := purego.SyscallN(s.conn.lib.fn.fetch, s.conn.id(), s.init.handle)
	r, err := s.conn.lib.result(h)
	if err != nil {
		s.ended, s.failed = true, true
		return nil, err
	}
	if len(r.Bytes()) == 0 {
		s.ended = true
		r.Free()
		return nil, nil
	}
	return r, nil
}

// Close ends the statement, if need be before its end, and frees it.
func (s *Stream) Close() {
	if !s.ended {
		purego.SyscallN(s.conn.lib.fn.cancelStream, s.conn.id(), s.init.handle)
	}
	s.init.Free()
}

// Insert is an INSERT whose data comes in pieces. Close it.
type Insert struct {
	conn   *Conn
	handle uintptr // chdb_insert_stream
}

// Insert begins an INSERT. sql has neither FORMAT nor data; format names how the
// data is spelled.
func (c *Conn) Insert(sql, format string, p Params) (*Insert, error) {
	i := &Insert{conn: c, handle: c.call(c.lib.fn.insert, sql, format, p)}
	if err := i.err(); err != nil {
		i.Close()
		return nil, err
	}
	return i, nil
}

func (i *Insert) err() error {
	at, _, _ := purego.SyscallN(i.conn.lib.fn.insertError, i.handle)
	if at == 0 {
		return nil
	}
	return parseException(goString(at))
}

// Append copies data into the engine; it waits while the engine is behind.
func (i *Insert) Append(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	var c cargs
	defer c.free()
	r, _, _ := purego.SyscallN(i.conn.lib.fn.append, i.handle, c.address(&data[0]), uintptr(len(data)))
	if int32(r) == stateSuccess {
		return nil
	}
	if err := i.err(); err != nil {
		return err
	}
	return &Exception{Code: codeUnknown, Message: "libchdb took no more of the insert's data"}
}

// Done ends the data, waits until it is committed and gives the rows written
// (those of materialized views included).
func (i *Insert) Done() (uint64, error) {
	h, _, _ := purego.SyscallN(i.conn.lib.fn.done, i.handle)
	r, err := i.conn.lib.result(h)
	if err != nil {
		return 0, err
	}
	defer r.Free()
	return r.RowsWritten(), nil
}

// Cancel drops what is not committed yet: nothing is rolled back, but a body of
// one block is committed by Done alone.
func (i *Insert) Cancel() { purego.SyscallN(i.conn.lib.fn.cancelInsert, i.handle) }

// Close frees the statement and cancels it first if Done was not called.
func (i *Insert) Close() {
	if i.handle != 0 {
		purego.SyscallN(i.conn.lib.fn.destroyI, i.handle)
		i.handle = 0
	}
}
