package kafkatest

import (
	"os/exec"
	"runtime"
)

// StartChild starts a command that dies with this process (on Linux) and has a process group of its own, so that the terminal's
// Ctrl-C does not reach it. ended, which may be nil, is called once it has ended; done is closed after that. The error is that of
// the start, and then neither happens.
//
// Linux sends the parent-death signal when the thread that forked ends, not the process: a thread is kept for the child until
// it ends.
func StartChild(cmd *exec.Cmd, ended func()) (done <-chan struct{}, err error) {
	cmd.SysProcAttr = childAttributes()
	begun, over := make(chan error, 1), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if begun <- err; err != nil {
			return
		}
		defer close(over)
		_ = cmd.Wait() // how it ended is in its ProcessState
		if ended != nil {
			ended()
		}
	}()
	return over, <-begun
}
