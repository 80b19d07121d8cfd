// Package bridge serves ClickHouse's HTTP interface on top of libchdb. In come
// requests as clickhouse-go v2.50, curl and other ClickHouse clients send them;
// out go results in ClickHouse formats and exceptions as ClickHouse reports them.
//
// One request = one engine session, opened and closed with it, so that no
// database, setting or temporary table leaks into the next one. A request whose
// client leaves is killed in the engine.
//
// Differences from a server, all deliberate: revision 0 of the Native format (so
// DateTime columns lose their zone, DateTime64 columns keep it), one user named
// default, no sessions, no external tables, one statement a request, responses
// are compressed only in ClickHouse's own framing (compress=1).
package bridge
