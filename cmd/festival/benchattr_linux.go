package main

import "syscall"

// benchAttr puts a child into a group of its own, away from the terminal's Ctrl-C, and ends it with this process.
func benchAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
