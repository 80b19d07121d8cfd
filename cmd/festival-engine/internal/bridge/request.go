package bridge

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"festival/cmd/festival-engine/internal/libchdb"
)

const (
	// headBytes is how much of a body is read before the statement is known: an
	// INSERT's text has to end within it.
	headBytes = 1 << 20
	// textBytes bounds the text of any other statement.
	textBytes = 64 << 20
)

// request is one statement and its surroundings.
type request struct {
	statement
	database, format, queryID string
	settings                  map[string]string
	comment                   string // the client's log_comment, which goes behind our tag
	params                    libchdb.Params
	data                      io.Reader // the data of an insert
	compress                  string    // "" or ClickHouse's name of a method
	whole                     bool      // send nothing before the end of the query
}

// notSettings are URL parameters that ClickHouse's HTTP interface takes for itself.
var notSettings = map[string]bool{
	"query": true, "database": true, "default_format": true, "user": true, "password": true, "quota_key": true,
	"query_id": true, "compress": true, "decompress": true, "client_protocol_version": true, "stacktrace": true,
	"role": true, "buffer_size": true, "wait_end_of_query": true, "close_session": true, "session_timeout": true,
	"session_check": true, "log_comment": true,
}

// parse reads everything but the data of an insert.
func parse(r *http.Request) (*request, error) {
	q := r.URL.Query()
	if q.Has("session_id") {
		return nil, exception(codeNotImplemented, "sessions are not served by festival-engine: leave session_id out")
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return nil, exception(codeNotImplemented, "external tables are not served by festival-engine: insert the rows into a table first")
	}
	req := &request{
		database: first(q.Get("database"), r.Header.Get("X-ClickHouse-Database")),
		format:   first(q.Get("default_format"), r.Header.Get("X-ClickHouse-Format"), "TabSeparated"),
		queryID:  first(q.Get("query_id"), newTag()),
		compress: compression(q),
		whole:    isOn(q.Get("wait_end_of_query")),
	}
	req.settings, req.params = split(q)
	req.comment = q.Get("log_comment")
	body, err := unpack(r)
	if err != nil {
		return nil, err
	}
	return req, req.readStatement(q.Get("query"), body)
}

// split parts the URL's parameters into settings and statement parameters.
func split(q url.Values) (map[string]string, libchdb.Params) {
	settings, params := map[string]string{}, libchdb.Params{}
	for name, values := range q {
		value := values[len(values)-1]
		if p, ok := strings.CutPrefix(name, "param_"); ok {
			params[p] = value
		} else if !notSettings[name] {
			settings[name] = value
		}
	}
	return settings, params
}

// readStatement joins the query parameter and the body's head, as ClickHouse does,
// and finds out what the statement is.
func (req *request) readStatement(query string, body io.Reader) error {
	head, rest, err := readHead(body)
	if err != nil {
		return err
	}
	text := query
	if len(head) > 0 {
		if text != "" {
			text += "\n"
		}
		text += string(head)
	}
	req.statement = classify(text)
	if req.insert {
		// Not bytes of text: an insert's head is copied once more, at most 1 MiB.
		req.data = io.MultiReader(strings.NewReader(text[req.statement.data:]), rest)
		return nil
	}
	more, err := io.ReadAll(io.LimitReader(rest, textBytes+1))
	if err != nil {
		return err
	}
	if len(more) > textBytes {
		return exception(codeSyntax, fmt.Sprintf("the statement is longer than %d bytes", textBytes))
	}
	if len(more) > 0 {
		req.statement = classify(text + string(more))
	}
	return req.check()
}

// check refuses what one request may not hold.
func (req *request) check() error {
	if strings.TrimSpace(req.sql) == "" {
		return exception(codeSyntax, "the request holds no statement: give it as ?query= or as the body")
	}
	if req.second {
		return exception(codeSyntax, "Multi-statements are not allowed: send one statement a request")
	}
	return nil
}

// readHead reads up to headBytes.
func readHead(body io.Reader) (head []byte, rest io.Reader, err error) {
	var buf bytes.Buffer
	if _, err = io.CopyN(&buf, body, headBytes); err != nil && err != io.EOF {
		return nil, nil, fmt.Errorf("read request: %w", err)
	}
	return buf.Bytes(), body, nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func isOn(v string) bool { return v == "1" || strings.EqualFold(v, "true") }
