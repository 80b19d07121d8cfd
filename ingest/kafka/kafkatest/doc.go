// Package kafkatest runs real Apache Kafka on this machine, for tests and for `festival rehearse --chaos`.
//
// In: a Config. Out: a Cluster of one to three KRaft nodes (each broker and controller) on free ports of 127.0.0.1, which can be
// stopped, killed, paused and started again one by one, with helpers that make, change and break topics. Nothing stays: processes die with
// this one, and the directory goes with Close unless it was given.
//
// It needs Java 17 and the jars that `make kafka` fetches (ErrMissing says which is not there). It imports no testing package;
// tests call Run, which skips aloud where something is missing and fails where the environment says CI.
//
//	config.go    what can be set             find.go     Java and the jars
//	cluster.go   all nodes                   node.go     one node: start, stop, kill, pause
//	process.go   the Java process            settings.go its server.properties
//	format.go    empty data directories      ports.go    ports that nobody has
//	secrets.go   certificates and users      topics.go   topics, records, settings
//	leaders.go   who leads, and moving it    run.go      for one test (shared.go: for all of a package)
package kafkatest
