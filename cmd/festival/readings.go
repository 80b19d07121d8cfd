package main

import (
	"fmt"
	"strings"
)

// readings remembers which settings could not be read and which were set over the file, by path ("kafka.tls.ca"), so
// that a value that is wrong already is not called missing too, and the rest is still looked at.
type readings struct {
	unread map[string]bool
	set    map[string]bool
	part   map[string]bool // of lists whose other elements could be read: "festival.windows[0]"
}

// fail notes a setting that could not be read. A place in a list ("festival.windows[0].start") spoils the list, but the
// list's other elements may still be looked at.
func (r *readings) fail(path string) {
	if r.unread == nil {
		r.unread, r.part = map[string]bool{}, map[string]bool{}
	}
	if element, _, inList := strings.Cut(path, "]"); inList {
		r.part[element+"]"] = true
	} else {
		r.unread[path] = true
	}
}

// knowsElement says whether an element of a list is what its user means, whatever the others are.
func (r *readings) knowsElement(path string, i int) bool {
	return r.reads(path, r.unread) && !r.part[fmt.Sprintf("%s[%d]", path, i)]
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
	return r.set[path] || r.reads(path, r.unread) && r.reads(path, r.part)
}

// reads says whether a setting is none of those, nor part of one, nor has one as part.
func (r *readings) reads(path string, unread map[string]bool) bool {
	for one := range unread {
		list, _, _ := strings.Cut(one, "[")
		if path == list || strings.HasPrefix(path, list+".") || strings.HasPrefix(list, path+".") {
			return false
		}
	}
	return true
}
