// Package dashboard holds the built pages: wall, press desk, merchant page and operations page.
//
// In: dist/, written by `npm run build` from src/ and committed, so that a machine without Node builds the whole program.
// Out: one read-only file tree. File names carry no hash; the server derives a build id from the bytes.
package dashboard

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Files returns the built pages: index.html (the wall), desk.html, merchant.html, ops.html and what they load under
// assets/. Modification times are zero, so a cache must key on the bytes.
func Files() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // cannot happen: the name is a constant and valid
	}
	return sub
}
