package engine

import "syscall"

// childAttributes lets Linux tell the child when the parent is gone, beside the
// pipe: a pipe's other end may have been inherited by a stranger. The child stops
// cleanly on SIGTERM. Its own process group keeps a terminal's Ctrl-C from it, so
// that the parent decides when the store goes.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
}
