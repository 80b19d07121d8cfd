package deploy

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// rules is what Prometheus reads of alerts.yaml.
type rules struct {
	Groups []struct {
		Name  string
		Rules []struct {
			Alert, Expr, For    string
			Labels, Annotations map[string]string
		}
	}
}

func readAlerts(t *testing.T) (r rules) {
	f, err := os.Open("prometheus/alerts.yaml")
	require.NoError(t, err)
	defer f.Close()
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	require.NoError(t, d.Decode(&r))
	require.NotEmpty(t, r.Groups)
	return r
}

// TestAlerts: each has a metric that exists, a severity, words, and a line in the operators' book.
func TestAlerts(t *testing.T) {
	book := text(t, "../docs/operations.md")
	for _, g := range readAlerts(t).Groups {
		require.NotEmpty(t, g.Rules, g.Name)
		for _, r := range g.Rules {
			requireMetrics(t, r.Alert, r.Expr)
			require.Contains(t, []string{"page", "ticket"}, r.Labels["severity"], r.Alert)
			require.NotEmpty(t, r.Annotations["summary"], r.Alert)
			require.NotEmpty(t, r.Annotations["description"], r.Alert)
			requireLine(t, book, r.Alert)
		}
	}
}

// requireLine: an alarm has severity, meaning, normal range and what to do in the operators' book.
func requireLine(t *testing.T, book, alarm string) {
	line := regexp.MustCompile("(?m)^\\| `" + regexp.QuoteMeta(alarm) + "` \\| (?:page|ticket|stop|warn) \\|(.+)\\|$").FindStringSubmatch(book)
	require.NotNil(t, line, "docs/operations.md has no line for %s", alarm)
	cells := strings.Split(line[1], " | ")
	require.Len(t, cells, 3, "%s: means, normal, do", alarm)
	for _, cell := range cells {
		require.NotEmpty(t, strings.TrimSpace(cell), alarm)
	}
}

// TestPageAlarms: each alarm of the operations page has its line in the book, and the passage that it opens is there.
func TestPageAlarms(t *testing.T) {
	book := text(t, "../docs/operations.md")
	var words map[string]string
	require.NoError(t, json.Unmarshal([]byte(text(t, "../dashboard/src/shared/en.json")), &words))
	found := 0
	for key, passage := range words {
		kind, ok := strings.CutPrefix(key, "passage.")
		if !ok {
			continue
		}
		found++
		requireLine(t, book, kind)
		require.Contains(t, book, "\n### "+passage+"\n", "docs/operations.md has no passage for %s", kind)
		require.NotEmpty(t, words["alarm."+kind])
		require.NotEmpty(t, words["alarm.effect."+kind])
		require.NotEmpty(t, words["advice."+kind])
	}
	require.Greater(t, found, 5)
}

func TestBoard(t *testing.T) {
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text(t, "grafana/festival.json")), &board))
	require.NotEmpty(t, board.Panels)
	taken := map[[2]int]string{}
	for _, p := range board.Panels {
		require.NotEmpty(t, p.Targets, p.Title)
		for _, target := range p.Targets {
			requireMetrics(t, p.Title, target.Expr)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			require.Less(t, x, 24, p.Title)
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				require.Empty(t, taken[[2]int{x, y}], "%s lies on another panel", p.Title)
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}

// TestOperatorsBook: every metric has a line, and so has every reason for which a partition stops.
func TestOperatorsBook(t *testing.T) {
	book := text(t, "../docs/operations.md")
	for _, name := range metrics(t) {
		require.Regexp(t, "\n\\| `"+name+"[`{]", book, "docs/operations.md says nothing of it")
	}
	kinds := regexp.MustCompile(`= Kind\("([^"]+)"\)`).FindAllStringSubmatch(text(t, "../ingest/kafka/errors.go"), -1)
	require.Greater(t, len(kinds), 5)
	for _, k := range kinds {
		require.Contains(t, book, "\n| `"+k[1]+"` |", "docs/operations.md says nothing of it")
	}
	for _, name := range regexp.MustCompile(`festival_(?:ingest|query|verify)_[a-z_]+`).FindAllString(book, -1) {
		requireMetrics(t, "docs/operations.md", name)
	}
}
