// Package broker is the demo's Kafka: franz-go's kfake on a data directory, so that `festival demo` needs nothing installed.
//
// In: a directory, an address, the topic. Out: a broker that any Kafka client can talk to, with the same cluster id and the same
// log every time that directory is opened.
//
// DEMO ONLY. kfake is a fake broker made for tests: one process, one copy of the data, no replication, no throttling. It survives
// the death of its process (a record that was acknowledged is in the page cache), and with SyncWrites the death of the machine.
// For real orders run Apache Kafka.
package broker
