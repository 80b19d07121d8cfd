package chaos

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"
)

//go:embed page.md
var pageText string

// WritePage writes the score card of many seeds as a page of docs/.
func WritePage(out io.Writer, cards Cards) error {
	page := template.Must(template.New("").Funcs(template.FuncMap{"faults": faultsOf, "worst": worst}).Parse(pageText))
	return page.Execute(out, map[string]any{"Cards": cards, "Summary": summary(cards), "Kinds": kindsOf(cards), "Never": never(cards)})
}

// summary is the line that counts: how many passed, of which program, where.
func summary(cards Cards) string {
	passed, differences := 0, 0
	var commits, machines, atOnce []string
	for _, c := range cards {
		if c.Passed() {
			passed++
		}
		differences += len(c.Differences)
		commits, machines, atOnce = append(commits, c.Commit), append(machines, c.Machine), append(atOnce, fmt.Sprint(c.AtOnce))
	}
	return fmt.Sprintf("**%d of %d seeds passed, %d differences.** Commit %s; %s; seeds at the same time: %s.", passed, len(cards), differences,
		distinct(commits), distinct(machines), distinct(atOnce))
}

func distinct(texts []string) string {
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), ", ")
}

func faultsOf(c *Card) (n int) {
	for _, times := range c.Faults {
		n += times
	}
	return n
}

func worst(c *Card) float64 { return slices.Max(append([]float64{0}, c.ScreensS...)) }

type kindTimes struct {
	Name  string
	Times int
}

func kindsOf(cards Cards) (out []kindTimes) {
	for _, k := range kinds() {
		n := 0
		for _, c := range cards {
			n += c.Faults[string(k.kind)]
		}
		out = append(out, kindTimes{string(k.kind), n})
	}
	return out
}

// never lists the kinds of fault that no seed has had.
func never(cards Cards) string {
	var names []string
	for _, k := range kindsOf(cards) {
		if k.Times == 0 {
			names = append(names, k.Name)
		}
	}
	return strings.Join(names, ", ")
}
