package sql

import (
	"bytes"
	"context"
	"fmt"

	"github.com/ClickHouse/ch-go/proto"
)

// MaxRows is the largest insert: one block stays one block, hence one part that readers see whole. ClickHouse cuts
// blocks at max_insert_block_size (1,048,449 rows).
const MaxRows = 999_999

// insert sends one block. Every column has n rows; none is inserted where n is 0.
func (s *Store) insert(ctx context.Context, name string, n int, columns ...column) error {
	if n == 0 {
		return nil
	}
	if n > MaxRows {
		return fmt.Errorf("%s: %d rows in one insert, at most %d stay one block: flush more often", name, n, MaxRows)
	}
	send := s.insertBatch
	if s.http {
		send = s.insertBytes
	}
	if err := send(ctx, statement(name), n, columns); err != nil {
		return fmt.Errorf("%s: %w", name, short(err))
	}
	return nil
}

// insertBytes encodes the block and posts it.
func (s *Store) insertBytes(ctx context.Context, query string, n int, columns []column) error {
	input := make([]proto.InputColumn, len(columns))
	for i, name := range columnNames(query) {
		input[i] = proto.InputColumn{Name: name, Data: columns[i].input()}
	}
	buf := s.block.take(blockSize(input))
	block := proto.Block{Columns: len(input), Rows: n}
	if err := block.EncodeRawBlock(buf, 0, input); err != nil { // revision 0: plain Native, as formats have it
		return err
	}
	if err := s.conn.InsertFormat(ctx, "Native", query, bytes.NewReader(buf.Buf)); err != nil {
		return err // buf is not given back: net/http may still read a body after its request has failed
	}
	s.block.give(buf)
	return nil
}

// insertBatch appends column by column to clickhouse-go's batch, which the native protocol sends as one block.
func (s *Store) insertBatch(ctx context.Context, query string, n int, columns []column) error {
	batch, err := s.conn.PrepareBatch(ctx, query)
	if err != nil {
		return err
	}
	defer batch.Close()
	for i, c := range columns {
		if err := batch.Column(i).Append(c.values()); err != nil {
			return err
		}
	}
	if batch.Rows() != n {
		return fmt.Errorf("first column has %d rows of %d", batch.Rows(), n)
	}
	return batch.Send()
}

// columnNames are the names between the parentheses of INSERT INTO table (a, b, c).
func columnNames(query string) []string {
	list := query[bytes.IndexByte([]byte(query), '(')+1 : len(query)-1]
	var names []string
	for _, name := range bytes.Split([]byte(list), []byte(",")) {
		names = append(names, string(bytes.TrimSpace(name)))
	}
	return names
}
