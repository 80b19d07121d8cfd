//go:build !linux

package engine

import "syscall"

// childAttributes: outside Linux the pipe alone ends the child with its parent.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
