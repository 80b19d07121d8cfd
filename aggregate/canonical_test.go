package aggregate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCanonical(t *testing.T) {
	f := func(document, want string, without ...string) {
		t.Helper()
		got, err := Canonical([]byte(document), without...)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	f(`{ "b" : [1, -2, 0], "a": {"z": null, "y": true} }`, `{"a":{"y":true,"z":null},"b":[1,-2,0]}`)
	f(`{"10":1,"2":2,"1":3}`, `{"1":3,"10":1,"2":2}`)
	f(`{"a":1,"hash":"x","b":{"hash":2}}`, `{"a":1,"b":{"hash":2}}`, "hash", "absent")
	f(`"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/\u2028<>&\u0008\u000b"`, "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u2028<>&\\b\\u000b\"")
	// RFC 8785 §3.2.3: by UTF-16 code units, so the emoji (D83D) comes before U+FB33.
	f(`{"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3,"\r":4,"1":5,"\u0080":6,"\u00f6":7}`,
		"{\"\\r\":4,\"1\":5,\"\u0080\":6,\"ö\":7,\"€\":3,\"😀\":2,\"\ufb33\":1}")

	bad := func(document string) {
		t.Helper()
		_, err := Canonical([]byte(document))
		require.Error(t, err)
	}
	bad(`{"a":1.5}`)
	bad(`[1e3]`)
	bad(`-0`)
	bad(`9007199254740992`)
	bad(`{"a":1} {}`)
	bad(`{"a":`)
}
