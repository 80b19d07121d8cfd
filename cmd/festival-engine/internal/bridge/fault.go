package bridge

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"festival/cmd/festival-engine/internal/libchdb"
)

// Error codes of ClickHouse (src/Common/ErrorCodes.cpp).
const (
	codeNotImplemented = 48
	codeSyntax         = 62
	codeTooMany        = 202
	codeNetwork        = 210
	codeNoSpace        = 243
	codeCancelled      = 394
	codeAuth           = 516
)

// exception makes an error of ours look like the engine's. name is added as
// ClickHouse adds it, at the end in brackets.
func exception(code int, message string) *libchdb.Exception {
	names := map[int]string{
		codeNotImplemented: "NOT_IMPLEMENTED", codeSyntax: "SYNTAX_ERROR", codeTooMany: "TOO_MANY_SIMULTANEOUS_QUERIES",
		codeNetwork: "NETWORK_ERROR", codeNoSpace: "NOT_ENOUGH_SPACE", codeCancelled: "QUERY_WAS_CANCELLED", codeAuth: "AUTHENTICATION_FAILED",
	}
	return &libchdb.Exception{Code: code, Message: fmt.Sprintf("DB::Exception: %s. (%s)", message, names[code])}
}

// asException gives any error a code.
func asException(err error) *libchdb.Exception {
	var e *libchdb.Exception
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.Canceled):
		return exception(codeCancelled, "the client left")
	}
	return exception(codeNetwork, err.Error())
}

// statusOf follows ClickHouse's exceptionCodeToHTTPStatus for the codes that a
// client is likely to branch on.
func statusOf(code int) int {
	switch code {
	case codeAuth:
		return http.StatusForbidden
	case 46, 47, 60, 81: // unknown function, identifier, table, database
		return http.StatusNotFound
	case 6, 26, 27, 38, 41, 42, 43, 44, 50, 53, 62, 70, 72, 115, 456, 457: // syntax, types, settings, parameters
		return http.StatusBadRequest
	case codeNotImplemented:
		return http.StatusNotImplemented
	case codeTooMany:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// fail answers with an exception before anything else was sent.
func fail(w http.ResponseWriter, err error) {
	e := asException(err)
	w.Header().Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.Code))
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.WriteHeader(statusOf(e.Code))
	fmt.Fprintf(w, "%s\n", e.Error())
}

// failLate puts an exception into a response that has begun, as ClickHouse's
// WriteBufferFromHTTPServerResponse does, and breaks the connection off, so that
// no client can take the part for the whole.
func failLate(w http.ResponseWriter, f *framer, tag string, err error) {
	text := asException(err).Error()
	f = f.plain()
	_, _ = fmt.Fprintf(f, "\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n", tag, text, len(text)+1, tag)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// newTag is 16 random characters.
func newTag() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}
