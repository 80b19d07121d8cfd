package main

import (
	"fmt"
	"runtime"
)

// versionCmd is `festival version`.
type versionCmd struct{}

// Help is shown under the flags.
func (versionCmd) Help() string {
	return `Examples:
  festival version`
}

// Run prints one line.
func (versionCmd) Run(a *app) error {
	_, err := fmt.Fprintf(a.out, "festival %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
