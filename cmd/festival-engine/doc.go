// Command festival-engine is the embedded store: libchdb, the ClickHouse engine,
// behind ClickHouse's HTTP interface on a loopback address. package sql/engine
// starts it; it can be run by hand too:
//
//	FESTIVAL_ENGINE_TOKEN=secret festival-engine --data DIR --addr 127.0.0.1:8123 --alone
//
// It is a program of its own because the library is loaded at run time, 566 MB of
// it with 50 to 190 threads: a crash there takes no counting process with it.
//
// It ends on SIGTERM, SIGINT, and, without --alone, when its standard input ends:
// the parent holds the other end, so that the engine never outlives it.
package main
