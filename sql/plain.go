package sql

import (
	"context"
	"io"
	"net/http"
)

// plainKey marks a context whose query wants plain Native, revision 0: no block info, no custom serializations.
type plainKey struct{}

func plain(ctx context.Context) context.Context { return context.WithValue(ctx, plainKey{}, true) }

// plainTransport asks for plain Native where the context says so, except in clickhouse-go's first question on a new
// connection: that is asked under the context of whichever query needed the connection, and read at the driver's own
// revision. A setting in the query's context would reach it too and break every connection that a read opens.
type plainTransport struct{ next http.RoundTripper }

// hello is what clickhouse-go v2.50 asks first (conn_http.go, queryHello).
const hello = "SELECT displayName(), version(), revision(), timezone()"

// RoundTrip implements http.RoundTripper.
func (t plainTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.roundTrip(r)
	if err == nil {
		listen(answer)
	}
	return answer, err
}

func (t plainTransport) roundTrip(r *http.Request) (*http.Response, error) {
	if r.Context().Value(plainKey{}) == nil || isHello(r) {
		return t.next.RoundTrip(r)
	}
	r = r.Clone(r.Context())
	q := r.URL.Query()
	q.Set("client_protocol_version", "0")
	r.URL.RawQuery = q.Encode()
	return t.next.RoundTrip(r)
}

func isHello(r *http.Request) bool {
	if r.GetBody == nil {
		return false
	}
	body, err := r.GetBody()
	if err != nil {
		return false
	}
	defer body.Close()
	begin := make([]byte, len(hello)+1)
	n, _ := io.ReadFull(body, begin)
	return string(begin[:n]) == hello
}
