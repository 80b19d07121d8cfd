// Package sql holds every statement, schema and connection of Festival: rows come in as columns or plain row
// structs, answers go out the same way. It knows ClickHouse and nothing else of ours; the same code speaks to a
// ClickHouse server and to the embedded engine of sql/engine.
package sql
