// Package export writes what the store holds as files that others read: CSV, Parquet or Arrow IPC, by arrow-go.
// Rows come in from the store as columns, block by block; record batches go out to one sink. Memory is one block,
// whatever the size of the export.
//
// Money is int64 in the unit that the column's name says (fen, or the currency's minor units); times are
// timestamps in UTC with milliseconds.
package export
