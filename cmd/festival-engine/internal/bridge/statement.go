package bridge

import (
	"slices"
	"strings"
)

// statement is what the bridge has to know of a SQL text before the engine sees it.
type statement struct {
	insert bool   // an INSERT whose data follows in the request
	sql    string // for insert: the text before FORMAT or VALUES, else the whole text
	format string // for insert: how the data is spelled; else the FORMAT clause, "" without one
	data   int    // for insert: where the data begins in the text
	stream bool   // begins with SELECT or WITH, which libchdb can give in pieces
	writes bool   // begins with a word that makes the engine write parts or copies of them
	second bool   // a second statement follows a semicolon
}

// writing are the first words of statements whose answer says that something is stored.
var writing = []string{"INSERT", "CREATE", "ALTER", "OPTIMIZE", "BACKUP", "RESTORE"}

// classify reads the head of a SQL text. It understands strings, quoted names,
// heredocs, comments and brackets, and nothing more: what it cannot place goes to
// the engine as it is, whose parser has the last word.
func classify(text string) statement {
	lex := lexer{text: text}
	first, ok := lex.next()
	if !ok {
		return statement{sql: text}
	}
	if strings.EqualFold(first.word, "INSERT") {
		if st, ok := classifyInsert(&lex); ok {
			st.writes = true
			return st
		}
	}
	lex = lexer{text: text}
	return classifyOther(&lex, first)
}

// classifyInsert looks for the FORMAT or VALUES that the data follows. SELECT,
// WITH and FROM INFILE bring their own data.
func classifyInsert(lex *lexer) (statement, bool) {
	for {
		t, ok := lex.next()
		if !ok || t.word == ";" {
			return statement{}, false
		}
		switch strings.ToUpper(t.word) {
		case "SELECT", "WITH", "FROM", "EXPLAIN":
			return statement{}, false
		case "VALUES":
			return statement{insert: true, sql: lex.text[:t.start], format: "Values", data: lex.at}, true
		case "FORMAT":
			name, ok := lex.next()
			if !ok || !name.isName() {
				return statement{}, false
			}
			return statement{insert: true, sql: lex.text[:t.start], format: name.word, data: dataStart(lex.text, lex.at)}, true
		}
	}
}

// dataStart skips what may stand between a format's name and its data: blanks and
// one line end (ClickHouse's ParserInsertQuery).
func dataStart(text string, at int) int {
	for at < len(text) && strings.IndexByte(" \t\f;", text[at]) >= 0 {
		at++
	}
	if at < len(text) && text[at] == '\r' {
		at++
	}
	if at < len(text) && text[at] == '\n' {
		at++
	}
	return at
}

// classifyOther looks for a FORMAT clause and for a second statement.
func classifyOther(lex *lexer, first token) statement {
	st := statement{sql: lex.text}
	st.stream = strings.EqualFold(first.word, "SELECT") || strings.EqualFold(first.word, "WITH")
	st.writes = slices.Contains(writing, strings.ToUpper(first.word))
	ended, format := false, false
	for {
		t, ok := lex.next()
		if !ok {
			return st
		}
		switch {
		case t.word == ";":
			ended = true
		case ended:
			st.second = true
			return st
		case format && t.isName():
			st.format, format = t.word, false
		default:
			format = strings.EqualFold(t.word, "FORMAT")
		}
	}
}
