// Command report reads `go test -json` from standard input and says what a reader of CI wants to know: while it comes, each
// package's result and each test that fails, with its reason; then what was skipped and which tests were slow; at the very end,
// where a log that is cut keeps it, the output of the tests that failed and of the packages that ended badly, nothing of the others,
// and the counts. Exit code 1: something failed. Run it as `go run .ci/report.go`.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// event is a line of `go test -json` (go doc test2json); of a build that failed, ImportPath and Output.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
	FailedBuild                               string
}

// test is one test, or where its name is empty what a package says outside of its tests.
type test struct {
	pkg, name, result string // pass, fail, skip; empty: it never ended
	seconds           float64
	output            strings.Builder
}

// Bounds of what is printed: bytes a test, of which the end is kept, and how many tests are called slow, from how many seconds on.
const (
	perTest  = 40_000
	slow     = 20
	slowFrom = 5
	whyLines = 8   // of the reason
	whyChars = 300 // of each of them
)

type report struct {
	out    io.Writer
	tests  map[[2]string]*test // by package and name
	builds map[string]*strings.Builder
	failed map[string]bool // packages
}

func main() {
	r := &report{out: os.Stdout, tests: map[[2]string]*test{}, builds: map[string]*strings.Builder{}, failed: map[string]bool{}}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			r.line(line)
		}
		if err != nil {
			break
		}
	}
	if r.end() {
		os.Exit(1)
	}
}

// line takes one line. What is no event is printed as it is: go's own words.
func (r *report) line(text []byte) {
	var e event
	if json.Unmarshal(text, &e) != nil || e.Action == "" {
		_, _ = r.out.Write(text)
		return
	}
	switch {
	case e.Action == "build-output":
		if r.builds[e.ImportPath] == nil {
			r.builds[e.ImportPath] = &strings.Builder{}
		}
		r.builds[e.ImportPath].WriteString(e.Output)
	case e.Package == "":
	case e.Action == "output":
		r.of(e).output.WriteString(e.Output)
	case e.Action == "pass" || e.Action == "fail" || e.Action == "skip":
		t := r.of(e)
		t.result, t.seconds = e.Action, e.Elapsed
		if e.Test != "" && e.Action == "fail" {
			fmt.Fprintln(r.out, "--- FAIL: "+t.failed()) // at once: of a long log only a piece may be kept
		}
		if e.Test == "" {
			r.failed[e.Package] = e.Action == "fail"
			fmt.Fprintf(r.out, "%-4s %s %.1fs\n", map[string]string{"pass": "ok", "fail": "FAIL", "skip": "?"}[e.Action], e.Package, e.Elapsed)
			if text := t.last(); e.Action == "fail" && text != "" {
				fmt.Fprintln(r.out, text)
			}
		}
	}
}

func (r *report) of(e event) *test {
	key := [2]string{e.Package, e.Test}
	if r.tests[key] == nil {
		r.tests[key] = &test{pkg: e.Package, name: e.Test}
	}
	return r.tests[key]
}

// end prints the rest, and tells whether anything failed.
func (r *report) end() bool {
	all := slices.SortedFunc(maps.Values(r.tests), func(a, b *test) int { return cmp.Or(cmp.Compare(a.pkg, b.pkg), cmp.Compare(a.name, b.name)) })
	named := slices.DeleteFunc(slices.Clone(all), func(t *test) bool { return t.name == "" })
	count := map[string]int{}
	for _, t := range named {
		if count[t.result]++; t.result == "skip" {
			fmt.Fprintf(r.out, "skipped: %s %s: %s\n", t.pkg, t.name, t.text())
		}
	}
	r.slowest(named)
	bad := len(r.builds) > 0 && slices.Contains(slices.Collect(maps.Values(r.failed)), true)
	for _, path := range slices.Sorted(maps.Keys(r.builds)) {
		fmt.Fprintf(r.out, "---- build of %s\n%s", path, r.builds[path])
	}
	var names []string
	for _, t := range all {
		if r.show(t) {
			bad = true
			fmt.Fprintf(r.out, "---- %s %s\n%s\n", t.pkg, cmp.Or(t.name, "(outside of its tests)"), t.text())
		}
		if t.name != "" && (t.result == "fail" || t.result == "") {
			names = append(names, t.failed())
		}
	}
	for _, name := range names {
		fmt.Fprintln(r.out, "--- FAIL: "+name)
	}
	for _, pkg := range slices.Sorted(maps.Keys(r.failed)) {
		if r.failed[pkg] {
			bad = true
			fmt.Fprintln(r.out, "FAIL", pkg)
		}
	}
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", count["pass"], count["fail"]+count[""], count["skip"])
	return bad
}

// show says whether somebody has to read the test's output: it failed, or never ended, or saw a race, or it is a package that
// failed, whose own words may be a panic's or a leak's.
func (r *report) show(t *test) bool {
	switch {
	case !r.failed[t.pkg]:
		return false
	case t.name == "":
		return t.text() != ""
	}
	return t.result == "fail" || t.result == "" || strings.Contains(t.output.String(), "DATA RACE")
}

// failed is the test's name as go says it, where it is and why it failed.
func (t *test) failed() string {
	return fmt.Sprintf("%s (%.2fs)  %s%s", t.name, t.seconds, t.pkg, t.why())
}

// why is what testify says of the first thing that failed, cut short: the programs of a test say so much after it that the end of
// its output, which is all that a cut log keeps, tells nothing of the reason.
func (t *test) why() string {
	_, text, ok := strings.Cut(t.output.String(), "Error Trace:")
	if !ok {
		return ""
	}
	var b strings.Builder
	for i, line := range strings.SplitN(text, "\n", whyLines+1) {
		if line = strings.TrimSpace(line); i < whyLines && line != "" {
			fmt.Fprintf(&b, "\n    %.*s", whyChars, line)
		}
	}
	return b.String()
}

// last is the end of what a package said outside of its tests, such as a panic's or a leak's.
func (t *test) last() string {
	lines := slices.Collect(strings.Lines(t.text()))
	return strings.Join(lines[max(0, len(lines)-whyLines):], "")
}

// text is the test's output without go's own marks, or the end of it.
func (t *test) text() string {
	var b strings.Builder
	for line := range strings.Lines(t.output.String()) {
		mark := strings.TrimLeft(line, " ")
		if strings.HasPrefix(mark, "=== ") || strings.HasPrefix(mark, "--- ") || line == "PASS\n" || line == "FAIL\n" || strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "ok  \t") {
			continue
		}
		b.WriteString(line)
	}
	text := b.String()
	if len(text) > perTest {
		text = "[the beginning is left out]\n" + text[len(text)-perTest:]
	}
	return strings.TrimSpace(text)
}

func (r *report) slowest(named []*test) {
	top := slices.DeleteFunc(slices.Clone(named), func(t *test) bool { return strings.Contains(t.name, "/") || t.seconds < slowFrom })
	slices.SortStableFunc(top, func(a, b *test) int { return cmp.Compare(b.seconds, a.seconds) })
	for _, t := range top[:min(slow, len(top))] {
		fmt.Fprintf(r.out, "slow: %6.1f s  %s %s\n", t.seconds, t.pkg, t.name)
	}
}
