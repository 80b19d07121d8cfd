package bridge

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"festival/sql/engine"
	"festival/sql/report"
)

// bulk are the tables that fill a disk: below the bound their inserts are refused, so that flushes wait with nothing
// lost. The small ones (pulse, frames, ...) go on to half of it, and say meanwhile why screens stand still.
var bulk = []string{"orders", "rejects", "cells"}

// room refuses an insert where the disk would get too full, with ClickHouse's own code for that. It costs one system
// call an insert.
func (s *Server) room(table string) error {
	if s.disk == nil {
		return nil
	}
	d, err := s.disk()
	if err != nil {
		return err
	}
	bound := d.Keep / 2
	if slices.Contains(bulk, table) {
		bound = d.Keep
	}
	if d.Free >= bound {
		return nil
	}
	return exception(codeNoSpace, fmt.Sprintf("the disk of %s has %s free, less than the %s that are kept free (store.keep_free): make room, what waits is stored then",
		s.path, mebibytes(d.Free), mebibytes(d.Keep)))
}

// tellGuard says what the guard keeps free, so that whoever shows this disk judges it by the guard's own bound.
func (s *Server) tellGuard(w http.ResponseWriter) {
	if s.disk == nil {
		return
	}
	if d, err := s.disk(); err == nil {
		w.Header().Set(report.GuardHeader, strconv.FormatInt(d.Keep, 10))
	}
}

func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }

// insertInto is the table of an INSERT, without its database.
func insertInto(text string) string {
	lex := lexer{text: text}
	table := ""
	for {
		t, ok := lex.next()
		switch word := strings.ToUpper(t.word); {
		case !ok || word == "(":
			return table
		case word == "INSERT", word == "INTO", word == "TABLE", word == ".":
		case t.word == "`" || t.word == `"`:
			table = strings.Trim(lex.text[t.start:lex.at], t.word)
		case t.isName():
			table = t.word
		}
	}
}

// DiskFunc asks for the room of the store's disk.
type DiskFunc func() (engine.Disk, error)
