package kafkatest

import "syscall"

// childAttributes: the node is killed when the thread that started it ends, and has a process group of its own, so that a
// terminal's Ctrl-C does not reach it.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
