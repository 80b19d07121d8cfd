package libchdb

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseException(t *testing.T) {
	for _, c := range []struct {
		text, error string
		code        int
	}{
		{"Code: 60. DB::Exception: Unknown table 'Code: 1.'. (UNKNOWN_TABLE)", "Code: 60. DB::Exception: Unknown table 'Code: 1.'. (UNKNOWN_TABLE)", 60},
		{"Error: Code: 62. DB::Exception: Syntax\nerror", "Code: 62. DB::Exception: Syntax\nerror", 62},
		{"no code at all", "Code: 1002. DB::Exception: no code at all", 1002},
		{"Code: 99999999999999999999. DB::Exception: x", "Code: 1002. DB::Exception: x", 1002},
		{"", "Code: 1002. DB::Exception: ", 1002},
	} {
		e := parseException(c.text)
		require.Equal(t, c.code, e.Code)
		require.Equal(t, c.error, e.Error())
	}
}

func TestLoadNamesTheLibraryThatIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "libchdb.so")
	_, err := Load(path)
	require.ErrorContains(t, err, path)
}
