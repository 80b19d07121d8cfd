package sql

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Ledger says what was counted and by which rules.
type Ledger struct {
	ID        string  // SHA-256 of Document, 64 lower hex digits
	Prefix    uint64  // first 8 bytes of the id, big endian: the column ledger of every table
	Document  string  // RFC 8785 JSON, exactly the bytes that were hashed
	LogStart  []int64 // by partition: first offset when the ledger began; not hashed
	Serial    int
	CreatedMs int64 // Unix milliseconds
	Festival  string
	ClosedMs  int64 // Unix milliseconds of `festival close`, 0 while open; see Closing. Not written by CreateLedger

	// Codes are the names by code of each catalogue, for the view orders_named. Not read back by Ledgers.
	Codes map[string][]string
}

// Catalogues are the sets that Ledger.Codes has to name: element i is the name of code i. All but currency, which
// indexes the ledger's rates, have "unknown" at 0.
func Catalogues() []string {
	return []string{"currency", "country", "province", "device", "channel", "marketplace", "category"}
}

// LedgerPrefix gives the column ledger of an id of 64 hex digits.
func LedgerPrefix(id string) (uint64, error) {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 32 {
		return 0, fmt.Errorf("ledger id %q is not 64 hex digits", id)
	}
	return binary.BigEndian.Uint64(raw), nil
}

// CreateLedger records a ledger: the names of its codes, then the ledger itself. Where the ledger is there already, the
// older record stands (read it back with Ledgers: its LogStart is the one to use).
func (s *Store) CreateLedger(ctx context.Context, l Ledger) error {
	prefix, err := LedgerPrefix(l.ID)
	if err != nil {
		return err
	}
	if prefix != l.Prefix {
		return fmt.Errorf("ledger %s: prefix is %d, not %d", l.ID, prefix, l.Prefix)
	}
	if err := s.insertCodes(ctx, l); err != nil {
		return err
	}
	batch, err := s.conn.PrepareBatch(ctx, statement("ledgers_insert"))
	if err != nil {
		return fmt.Errorf("ledgers_insert: %w", err)
	}
	defer batch.Close()
	if err := batch.Append(l.Prefix, l.ID, l.Festival, int64(l.Serial), l.Document, l.LogStart, l.CreatedMs); err != nil {
		return fmt.Errorf("ledgers_insert: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("ledgers_insert: %w", err)
	}
	return nil
}

func (s *Store) insertCodes(ctx context.Context, l Ledger) error {
	var catalogue, name []string
	var code []uint8
	for _, c := range Catalogues() {
		names := l.Codes[c]
		if len(names) == 0 || len(names) > 256 {
			return fmt.Errorf("ledger %s: catalogue %s has %d names, 1 to 256 are possible", l.ID, c, len(names))
		}
		for i, n := range names {
			catalogue, code, name = append(catalogue, c), append(code, uint8(i)), append(name, n)
		}
	}
	return s.insert(ctx, "codes_insert", len(code), ledgerOf(l.Prefix, len(code)), textsOf(&catalogue), uint8s(&code), textsOf(&name))
}

// Ledgers gives all ledgers, oldest first.
func (s *Store) Ledgers(ctx context.Context) ([]Ledger, error) {
	var id, document, logStart, festival []string
	var prefix []uint64
	var serial, created, closed []int64
	var out []Ledger
	columns := []column{textsOf(&id), uint64s(&prefix), textsOf(&document), textsOf(&logStart), int64s(&serial),
		int64s(&created), textsOf(&festival), int64s(&closed)}
	err := s.read(ctx, "ledgers", nil, columns, func(n int) error {
		for i := range n {
			l := Ledger{ID: id[i], Prefix: prefix[i], Document: document[i], Serial: int(serial[i]), CreatedMs: created[i],
				Festival: festival[i], ClosedMs: closed[i]}
			if err := json.Unmarshal([]byte(strings.ReplaceAll(logStart[i], `"`, "")), &l.LogStart); err != nil {
				return fmt.Errorf("log start of ledger %s: %w", l.ID, err)
			}
			out = append(out, l)
		}
		return nil
	})
	return slices.Clip(out), err
}
