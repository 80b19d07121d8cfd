// Package libchdb drives libchdb, the ClickHouse engine as a shared library,
// without cgo. In come SQL text and bytes in ClickHouse formats; out go bytes in
// ClickHouse formats or an *Exception with ClickHouse's error code.
//
// The C signatures follow chdb.h of 26.7.3 (chdb-io/chdb-core, Apache-2.0).
// One process serves one data path; the engine runs from the first Connect to
// the last Close and cannot be started again (chdb_shutdown), so that a program
// holds one connection for as long as it lives.
//
// Memory: every pointer the library returns is freed by the method named in the
// doc comment of the type that holds it; bytes borrowed from it end there.
package libchdb
