package query

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who sends the operators' token does from elsewhere what operators on the machine do: through a proxy, by another name of the
// machine. Without a token configured none opens anything.
func TestOperatorToken(t *testing.T) {
	token := strings.Repeat("k", shortestToken)
	store := newMemoryStore()
	cfg := testConfig(t, store, 1)
	cfg.OperatorToken = token
	_, base := start(t, cfg)
	_, without := start(t, testConfig(t, newMemoryStore(), 1))
	elsewhere := []string{"X-Forwarded-For", "192.0.2.7"}
	good := `{"by":"Lin","change":{"celebrate":"off"}}`
	for _, c := range []struct {
		base, name, auth string
		status           int
	}{
		{base, "no token", "", 403},
		{base, "another token", "Bearer " + strings.Repeat("k", shortestToken-1) + "l", 401},
		{base, "its beginning", "Bearer " + token[1:], 401},
		{base, "another scheme", "Basic " + token, 401},
		{base, "nothing after the scheme", "Bearer ", 401},
		{base, "the token", "Bearer " + token, 200},
		{base, "scheme in small letters", "bearer " + token, 200},
		{without, "a token that nobody configured", "Bearer " + token, 403},
		{without, "an empty one", "Bearer ", 403},
	} {
		header := append([]string{"Authorization", c.auth}, elsewhere...)
		status, body := sendTo(t, "POST", c.base+"/api/v1/wall", good, header...)
		require.Equal(t, c.status, status, "%s: %s", c.name, body)
		status, _ = sendTo(t, "GET", c.base+"/api/v1/ops", "", header...)
		require.Equal(t, c.status, status, c.name)
		_, body = sendTo(t, "GET", c.base+"/api/v1/wall", "", header...)
		require.Equal(t, c.status == 200, strings.Contains(body, `"operator":true`), "%s: %s", c.name, body)
	}
	require.Equal(t, 1, store.changed(), "what was refused is no record")
	status, _ := sendTo(t, "POST", base+"/api/v1/wall", good, "Authorization", "Bearer "+token, "Origin", "http://evil.example")
	require.Equal(t, 403, status, "not even with the token from another site's page")
	status, _ = sendTo(t, "POST", base+"/api/v1/wall", good)
	require.Equal(t, 200, status, "on the machine itself without one")
}

func TestOperatorTokenProblems(t *testing.T) {
	for text, ok := range map[string]bool{
		"": true, strings.Repeat("a", shortestToken): true, strings.Repeat("a", longestToken): true,
		strings.Repeat("a", shortestToken-1): false, strings.Repeat("a", longestToken+1): false,
		strings.Repeat("a", 40) + " b": false, strings.Repeat("亿", 40): false,
	} {
		cfg := testConfig(t, newMemoryStore(), 1)
		cfg.OperatorToken = text
		err := cfg.Validate()
		if ok {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorContains(t, err, "http.operator_token", text)
		require.NotContains(t, err.Error(), text, "a secret is not shown")
	}
}
