package sql

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
)

// scanRows is how many rows a block of the native protocol's path has; over HTTP the server decides (65,409).
const scanRows = 65536

// readBuffer is how many bytes of an answer are decoded at a time; less than ch-go's own 128 KiB, and it would put its buffer behind this.
const readBuffer = 256 << 10

// read runs a SELECT whose columns are the given ones, in their order, and calls block after each block of rows has
// been put into the columns' slices, n rows each, valid until the next call. An error of block ends the query.
func (s *Store) read(ctx context.Context, name string, args []any, columns []column, block func(n int) error) error {
	return s.readText(ctx, name, statement(name), args, columns, block)
}

func (s *Store) readText(ctx context.Context, name, query string, args []any, columns []column, block func(n int) error) error {
	run := s.readRows
	if s.http {
		run = s.readBytes
	}
	ctx, cancel := context.WithCancel(ctx) // an abandoned stream ends with its query
	defer cancel()
	if err := run(ctx, query, args, columns, block); err != nil {
		return fmt.Errorf("%s: %w", name, short(err))
	}
	return nil
}

// readBytes decodes Native blocks as they come. Revision 0 has neither block info nor custom serializations.
func (s *Store) readBytes(ctx context.Context, query string, args []any, columns []column, block func(n int) error) error {
	stream, err := s.conn.QueryFormat(plain(ctx), "Native", query, args...)
	if err != nil {
		return err
	}
	defer stream.Close()
	buffered := bufio.NewReaderSize(stream, readBuffer) // which proto.NewReader takes as it is
	results := make(proto.Results, len(columns))
	for i, c := range columns {
		results[i].Data = c.result(buffered)
	}
	in := proto.NewReader(buffered)
	for {
		for i := range results {
			results[i].Name = "" // taken as they are: the order of the SELECT counts
		}
		var b proto.Block
		if err := b.DecodeRawBlock(in, 0, results); err != nil {
			return endOfStream(err, b)
		}
		if err := deliver(columns, b.Rows, block); err != nil {
			return err
		}
	}
}

// endOfStream: the stream ends where a block would begin; anywhere else it is cut.
func endOfStream(err error, b proto.Block) error {
	if errors.Is(err, io.EOF) && b.Columns == 0 {
		return nil
	}
	return err
}

func deliver(columns []column, n int, block func(n int) error) error {
	if n == 0 {
		return nil
	}
	for _, c := range columns {
		c.decoded()
	}
	return block(n)
}

// readRows scans row by row, for the native protocol, where clickhouse-go hides its blocks.
func (s *Store) readRows(ctx context.Context, query string, args []any, columns []column, block func(n int) error) error {
	rows, err := s.conn.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	into := make([]any, len(columns))
	for i, c := range columns {
		into[i] = c.scan()
		c.reset()
	}
	n := 0
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for _, c := range columns {
			c.push()
		}
		if n++; n == scanRows {
			if err := block(n); err != nil {
				return err
			}
			for _, c := range columns {
				c.reset()
			}
			n = 0
		}
	}
	if err := rows.Err(); err != nil || n == 0 {
		return err
	}
	return block(n)
}

// named is a server-side parameter.
func named(name string, value any) any { return clickhouse.Named(name, value) }
