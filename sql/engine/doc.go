// Package engine starts, finds, watches and stops the embedded store: the program
// festival-engine, which holds libchdb (the ClickHouse engine) and speaks
// ClickHouse's HTTP interface on a loopback address. In comes a directory; out
// comes a DSN for clickhouse-go.
//
// A store's directory holds
//
//	store/       the engine's data
//	token        password of the user default, mode 0600
//	engine.json  address, process and version of the engine that serves it now
//	engine.lock  held by that engine for as long as it lives
//
// The package loads no library itself and needs no cgo: what loads libchdb is the
// child. The child dies with the process that started it.
package engine
