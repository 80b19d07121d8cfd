package bridge

import (
	"crypto/subtle"
	"net/http"
)

// authorized checks the password of the user default: header X-ClickHouse-Key,
// basic authentication or ?password=, in this order.
func (s *Server) authorized(r *http.Request) error {
	user, key := credentials(r)
	if user != "" && user != "default" {
		return exception(codeAuth, "the only user of festival-engine is default")
	}
	if key == "" {
		return exception(codeAuth, "a password is needed: the token in the data directory's file token")
	}
	if subtle.ConstantTimeCompare([]byte(key), []byte(s.token)) != 1 {
		return exception(codeAuth, "the password is wrong: the token is in the data directory's file token")
	}
	return nil
}

func credentials(r *http.Request) (user, key string) {
	if key = r.Header.Get("X-ClickHouse-Key"); key != "" {
		return r.Header.Get("X-ClickHouse-User"), key
	}
	if user, key, ok := r.BasicAuth(); ok {
		return user, key
	}
	q := r.URL.Query()
	return q.Get("user"), q.Get("password")
}
