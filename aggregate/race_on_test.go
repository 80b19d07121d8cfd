//go:build race

package aggregate

// raceBuild: the detector makes everything about ten times slower, and nothing here runs concurrently.
const raceBuild = true
