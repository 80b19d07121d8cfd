package bridge

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"festival/cmd/festival-engine/internal/libchdb"
)

// run executes the statement. An error it returns can still be answered with a
// status; later ones it puts into the response.
func (s *Server) run(w http.ResponseWriter, r *http.Request, req *request) error {
	tag := newTag()
	conn, err := s.session("--log_comment=" + strings.TrimSpace(tag+" "+req.comment))
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := prepare(conn, req); err != nil {
		return err
	}
	// Registered after Close, so that it ends first: no KILL is under way when the
	// session and its tag go.
	defer s.killer.watch(r.Context(), tag, s.log)()
	seen := s.full.seen.Load()
	switch {
	case req.insert:
		if err := s.room(insertInto(req.sql)); err != nil {
			return err
		}
		return s.insert(w, conn, req, seen)
	case req.stream && !req.whole && canStream(req.outputFormat()):
		return s.sendStream(w, conn, req)
	}
	return s.sendWhole(w, conn, req, seen)
}

// prepare sets database and settings, by statements of their own where there are
// any: their errors have ClickHouse's codes (81, 115).
func prepare(conn *libchdb.Conn, req *request) error {
	if req.database != "" && req.database != "default" {
		if err := conn.Exec("USE "+quote(req.database, '`'), nil); err != nil {
			return err
		}
	}
	if len(req.settings) == 0 {
		return nil
	}
	return conn.Exec(setStatement(req.settings), nil)
}

// setStatement spells the settings, by name.
func setStatement(settings map[string]string) string {
	names := slices.Sorted(maps.Keys(settings))
	for i, name := range names {
		names[i] = quote(name, '`') + " = " + quote(settings[name], '\'')
	}
	return "SET " + strings.Join(names, ", ")
}

// quote spells a string literal or a quoted name.
func quote(s string, mark byte) string {
	r := strings.NewReplacer(`\`, `\\`, string(mark), `\`+string(mark))
	return string(mark) + r.Replace(s) + string(mark)
}

// insertBytes is the piece in which an insert's data goes into the engine.
const insertBytes = 1 << 20

// insert streams the data. It is committed only after the body's own end: a body
// that breaks off leaves nothing behind if it is one block (under
// max_insert_block_size rows). seen is what full had seen before.
func (s *Server) insert(w http.ResponseWriter, conn *libchdb.Conn, req *request, seen int64) error {
	in, err := conn.Insert(req.sql, req.statement.format, req.params)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := s.feed(in, req.data); err != nil {
		in.Cancel()
		return err
	}
	rows, err := in.Done()
	if err != nil {
		return err
	}
	if err := s.whole(req, seen); err != nil {
		return err
	}
	w.Header().Set("X-ClickHouse-Summary", fmt.Sprintf(`{"written_rows":"%d"}`, rows))
	w.WriteHeader(http.StatusOK)
	return nil
}

func (s *Server) feed(in *libchdb.Insert, data io.Reader) error {
	buf := make([]byte, insertBytes)
	for {
		n, err := fill(data, buf)
		s.full.look()
		if appendErr := in.Append(buf[:n]); appendErr != nil {
			return appendErr
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the insert's data: %w", err)
		}
	}
}

// fill reads until buf is full. Not io.ReadFull, whose ErrUnexpectedEOF for a short
// last piece is also what net/http reports for a body that broke off.
func fill(data io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var m int
		m, err = data.Read(buf[n:])
		n += m
	}
	return n, err
}
