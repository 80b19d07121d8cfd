// Package frames is the topic in which several `festival serve` agree on the official frames (DESIGN.md §4).
//
// In: records that a serve proposes. Out: all records in the topic's order, each with the broker's time of append, to every
// serve; and which of them holds the topic's only partition. What a record means, and which one is official, is not decided
// here (festival/query).
//
// A Log is safe for concurrent use.
package frames
