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
func WritePage(out io.Writer, cards []*Card, machine string) error {
	page := template.Must(template.New("").Funcs(template.FuncMap{"faults": faultsOf, "worst": worst}).Parse(pageText))
	return page.Execute(out, map[string]any{"Cards": cards, "Summary": summary(cards, machine), "Kinds": kindsOf(cards)})
}

func summary(cards []*Card, machine string) string {
	passed, differences, commits := 0, 0, []string{}
	for _, c := range cards {
		if c.Passed() {
			passed++
		}
		differences += len(c.Differences)
		commits = append(commits, c.Commit)
	}
	slices.Sort(commits)
	return fmt.Sprintf("**%d of %d seeds passed, %d differences.** Commit %s; %s.", passed, len(cards), differences,
		strings.Join(slices.Compact(commits), ", "), machine)
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

func kindsOf(cards []*Card) (out []kindTimes) {
	for _, k := range kinds() {
		n := 0
		for _, c := range cards {
			n += c.Faults[string(k.kind)]
		}
		out = append(out, kindTimes{string(k.kind), n})
	}
	return out
}
