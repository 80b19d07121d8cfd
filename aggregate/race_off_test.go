//go:build !race

package aggregate

const raceBuild = false
