package bridge

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClassifyInsert(t *testing.T) {
	for _, c := range []struct{ text, sql, format, data string }{
		{"INSERT INTO t (a, b) FORMAT Native", "INSERT INTO t (a, b) ", "Native", ""},
		{"insert into t format JSONEachRow\n{\"a\":1}", "insert into t ", "JSONEachRow", "{\"a\":1}"},
		{"INSERT INTO t FORMAT CSV \r\n1,2", "INSERT INTO t ", "CSV", "1,2"},
		{"INSERT INTO t VALUES (1, ';'); x", "INSERT INTO t ", "Values", " (1, ';'); x"},
		{"/* FORMAT */ INSERT -- VALUES\nINTO `FORMAT`.\"VALUES\" (format) FORMAT TSV\n\n1", "/* FORMAT */ INSERT -- VALUES\nINTO `FORMAT`.\"VALUES\" (format) ", "TSV", "\n1"},
		{"INSERT INTO FUNCTION file('FORMAT CSV', 'CSV') SETTINGS a = 1 FORMAT RowBinary\n\x00FORMAT X", "INSERT INTO FUNCTION file('FORMAT CSV', 'CSV') SETTINGS a = 1 ", "RowBinary", "\x00FORMAT X"},
	} {
		st := classify(c.text)
		require.True(t, st.insert, c.text)
		require.Equal(t, c.sql, st.sql)
		require.Equal(t, c.format, st.format)
		require.Equal(t, c.data, c.text[st.data:])
	}
}

func TestClassifyOther(t *testing.T) {
	for _, c := range []struct {
		text           string
		stream, second bool
		format         string
	}{
		{"SELECT 1", true, false, ""},
		{"with 1 as x select x format JSON", true, false, "JSON"},
		{"SELECT 1;", true, false, ""},
		{"SELECT 1; -- the end\n/* ; */", true, false, ""},
		{"SELECT 1;;SELECT 2", true, true, ""},
		{"SELECT ';' , `;`, \";\", 'it''s;', '\\';', $x$;$x$, (';', /* ; */ 1);", true, false, ""},
		{"SELECT (1; SELECT 2)", true, false, ""},
		{"INSERT INTO t SELECT 1 FORMAT Null", false, false, "Null"},
		{"INSERT INTO t SELECT 1; DROP TABLE t", false, true, ""},
		{"INSERT INTO t FROM INFILE 'x' FORMAT CSV", false, false, "CSV"},
		{"CREATE TABLE t (a UInt8)", false, false, ""},
		{"SELECT formatRow('CSV', 1)", true, false, ""},
		{"(SELECT 1)", false, false, ""},
	} {
		st := classify(c.text)
		require.False(t, st.insert, c.text)
		require.Equal(t, c.text, st.sql)
		require.Equal(t, c.stream, st.stream, c.text)
		require.Equal(t, c.second, st.second, c.text)
		require.Equal(t, c.format, st.format, c.text)
	}
}

// FuzzClassify asserts that any text ends the lexer and that the data of an insert
// lies within it.
func FuzzClassify(f *testing.F) {
	for _, s := range []string{"SELECT 1", "INSERT INTO t FORMAT x\n", "$a$", "'\\", "(((", "/*", "\xff;\xff", "INSERT INTO t VALUES"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		st := classify(text)
		if st.insert {
			require.True(t, strings.HasPrefix(text, st.sql))
			require.LessOrEqual(t, len(st.sql), st.data)
			require.LessOrEqual(t, st.data, len(text))
		}
	})
}

func TestSetStatementQuotesWhatItIsGiven(t *testing.T) {
	require.Equal(t, "SET `a\\`b` = '\\\\\\'', `z` = '1'", setStatement(map[string]string{"z": "1", "a`b": `\'`}))
}

func TestHeaderOfRefusesWhatIsCut(t *testing.T) {
	row := "\x01n\x06UInt64\x00\x00\x00\x00\x00"
	require.Equal(t, "\x01\x00\x01n\x06UInt64", string(headerOf([]byte(row))))
	require.Nil(t, headerOf(nil))
	for i := 1; i < len(row); i++ {
		require.Nil(t, headerOf([]byte(row[:i])), i)
	}
}
