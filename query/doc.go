// Package query turns stored cells into what people see.
//
// In: aggregate.Update and aggregate.Pulse, from ingest in the same process (Server.Apply) or by tailing the store;
// history from the store. Out: the HTTP interface of CONTRACT.md §4 (frames, the event stream, series, breakdowns,
// milestones, merchants, operators' routes), metrics, and the pages of a file tree that is handed in.
//
// The way through the package: queue (what came) -> publisher (one goroutine, owns the aggregate.Board, makes live
// and official frames) -> event (a frame's bytes, made once) -> hub (newest wins, one mailbox a viewer) -> stream.
// Everything else is a route: routes.go is the one table of paths and parameters, which drives the router and is held
// against openapi.json by a test.
package query
