package aggregate

import "unsafe"

// prefetch begins to load the cache line at p and does not wait for it, so that the waits of many places overlap with
// each other and with what is done in between.
//
//go:noescape
func prefetch(p unsafe.Pointer)
