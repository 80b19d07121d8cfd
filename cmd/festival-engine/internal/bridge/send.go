package bridge

import (
	"net/http"
	"strings"

	"festival/cmd/festival-engine/internal/libchdb"
)

// outputFormat is the statement's FORMAT clause or the request's default.
func (req *request) outputFormat() string { return first(req.statement.format, req.format) }

// canStream reports whether pieces of the format can be joined: those without
// header and footer.
func canStream(format string) bool {
	switch strings.ToLower(format) {
	case "native", "rowbinary", "tabseparated", "tsv", "tabseparatedraw", "tsvraw", "csv", "jsoneachrow", "jsonlines",
		"ndjson", "jsoncompacteachrow", "linestring", "rawblob", "null":
		return true
	}
	return false
}

// sendWhole answers with a result that was built in memory: any statement, any format. seen is what full had seen before.
func (s *Server) sendWhole(w http.ResponseWriter, conn *libchdb.Conn, req *request, seen int64) error {
	result, err := conn.Query(req.sql, req.format, req.params)
	if err != nil {
		return err
	}
	defer result.Free()
	if err := s.whole(req, seen); err != nil {
		return err
	}
	setFormat(w, req)
	_, _ = newFramer(w, req.compress).Write(result.Bytes())
	return nil
}

// sendStream answers with pieces as they come; an exception after the first one
// goes into the response.
func (s *Server) sendStream(w http.ResponseWriter, conn *libchdb.Conn, req *request) error {
	stream, err := conn.Stream(req.sql, req.outputFormat(), req.params)
	if err != nil {
		return err
	}
	defer stream.Close()
	piece, err := stream.Next()
	if err != nil {
		return err
	}
	tag := newTag()
	setFormat(w, req)
	w.Header().Set("X-ClickHouse-Exception-Tag", tag)
	out := newFramer(w, req.compress)
	if piece == nil {
		_, _ = out.Write(emptyBlock(conn, req))
	}
	for piece != nil {
		_, err = out.Write(piece.Bytes())
		piece.Free()
		if err != nil {
			return nil // the client is gone; nobody is left to tell
		}
		if piece, err = stream.Next(); err != nil {
			s.doubt(err)
			failLate(w, out, tag, err)
		}
	}
	return nil
}

func setFormat(w http.ResponseWriter, req *request) {
	format := req.outputFormat()
	w.Header().Set("X-ClickHouse-Format", format)
	w.Header().Set("Content-Type", contentType(format))
}

// contentType follows the formats' own declarations in ClickHouse.
func contentType(format string) string {
	f := strings.ToLower(format)
	switch {
	case strings.HasSuffix(f, "eachrow"), f == "jsonlines", f == "ndjson":
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(f, "json"):
		return "application/json; charset=UTF-8"
	case strings.HasPrefix(f, "csv"):
		return "text/csv; charset=UTF-8; header=absent"
	case strings.HasPrefix(f, "tab"), strings.HasPrefix(f, "tsv"):
		return "text/tab-separated-values; charset=UTF-8"
	case f == "native", strings.HasPrefix(f, "rowbinary"), strings.HasPrefix(f, "arrow"), f == "parquet":
		return "application/octet-stream"
	}
	return "text/plain; charset=UTF-8"
}
