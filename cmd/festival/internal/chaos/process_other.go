//go:build !linux

package chaos

import "syscall"

// childAttr: outside Linux a child outlives a parent that was killed.
func childAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// usedBytes: there is no tmpfs here.
func usedBytes(string) (int64, error) { return 0, errNotHere }
