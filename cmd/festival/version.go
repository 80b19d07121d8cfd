package main

import (
	"fmt"
	"runtime"
)

// versionCmd is `festival version`.
type versionCmd struct{}

// Run prints one line.
func (versionCmd) Run(a *app) error {
	_, err := fmt.Fprintf(a.out, "festival %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
