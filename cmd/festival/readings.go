package main

import "strings"

// readings remembers which settings could not be read and which were set over the file, by path ("kafka.tls.ca"), so
// that a value that is wrong already is not called missing too, and the rest is still looked at.
type readings struct {
	unread map[string]bool
	set    map[string]bool
}

// fail notes a setting that could not be read; a place in a list ("festival.windows[0].start") spoils the list.
func (r *readings) fail(path string) {
	path, _, _ = strings.Cut(path, "[")
	if r.unread == nil {
		r.unread = map[string]bool{}
	}
	r.unread[path] = true
}

// nothing notes that there is no file that could be read.
func (r *readings) nothing() {
	for _, section := range sections(&Config{}) {
		r.fail(section.name)
	}
}

// over notes that a variable or a flag has set the setting, whatever the file says.
func (r *readings) over(path string) {
	if r.set == nil {
		r.set = map[string]bool{}
	}
	delete(r.unread, path)
	r.set[path] = true
}

// knows says whether the setting's value, given or default, is what its user means.
func (r *readings) knows(path string) bool {
	if r.set[path] {
		return true
	}
	for unread := range r.unread {
		if path == unread || strings.HasPrefix(path, unread+".") || strings.HasPrefix(unread, path+".") {
			return false
		}
	}
	return true
}
