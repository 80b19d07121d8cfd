// Package sql holds every statement, schema and connection of Festival: rows come in as columns or plain row
// structs, answers go out the same way. It knows ClickHouse and nothing else of ours; the same code speaks to a
// ClickHouse server and to the embedded engine of sql/engine.
//
// Statements are files: schema/NNNN_name.sql are migrations, applied once in their order; query/name.sql are the rest,
// with server-side parameters. Every insert is one block, hence one part: a reader sees all of it or none
// (DESIGN.md §2). Blocks go in and out as columns in ClickHouse's Native format: over HTTP as bytes that this package
// encodes, over the native protocol through clickhouse-go's batches.
//
// Rules of reading: the highest revision of a cell is picked in the view cells_now (and, for the rows above a
// position, in query/cells_tail.sql); raw rows are read through orders_at and rejects_at: one row per offset, nothing
// at or past the positions.
package sql
