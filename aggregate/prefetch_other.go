//go:build !amd64

package aggregate

import "unsafe"

// prefetch does nothing: other processors wait where Count reads.
func prefetch(unsafe.Pointer) {}
