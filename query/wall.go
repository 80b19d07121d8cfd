package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"festival/aggregate"
)

// Wall is what festival.yaml says of the walls (section wall). The zero value is a wall with every default.
type Wall struct {
	Map            string        // dots (default), file or none
	MapFile        []byte        // TopoJSON of `map: file`
	MapApproval    string        // its approval number, printed on the wall
	Currency       string        // of the large number: CNY (default) or USD at the sealed rate
	BroadcastDelay time.Duration // between the wall and the screens at home; 0 (default): no on-air clock
	FreezeAt       []time.Time   // the number is held from these moments on, until an operator's release
	Names          WallNames
	Screens        []Screen
}

// Screen is a screen with a name, chosen by `/?screen=NAME`. What is empty is the default, the first of its values.
type Screen struct {
	Name   string `json:"name"`   // not one of the names that the page has itself (builtScreens)
	Wall   string `json:"wall"`   // screens of one wall are steered together; default main
	Panel  string `json:"panel"`  // all, or left, centre, right of three
	Window string `json:"window"` // id of the one window that it shows; empty: the whole festival
	Look
}

// Look is what a screen shows and how; the values are those of lookFields.
type Look struct {
	Scene     string `json:"scene"`
	Celebrate string `json:"celebrate"`
	Motion    string `json:"motion"`
	Language  string `json:"language"` // which of the two comes first
	Share     string `json:"share"`    // mobile share
	Ranking   string `json:"ranking"`
	Currency  string `json:"currency"` // of the large number; default Wall.Currency
}

// WallNames is the operator's table of countries: names over the page's own, and countries that are shown as part of another.
type WallNames struct {
	Countries map[string]Name   `json:"countries"`
	Merge     map[string]string `json:"merge"`
}

// Name is a text in the wall's two languages; an empty one leaves the page's own.
type Name struct {
	Zh string `json:"zh" yaml:"zh"`
	En string `json:"en" yaml:"en"`
}

// mainWall is the wall of screens without a wall, and of the page without a screen.
const mainWall = "main"

// lookField is a field of Look with its values, the default first.
type lookField struct {
	name   string
	values []string
	of     func(*Look) *string
}

var lookFields = []lookField{
	{"scene", []string{"all", "number", "world"}, func(l *Look) *string { return &l.Scene }},
	{"celebrate", []string{"on", "off"}, func(l *Look) *string { return &l.Celebrate }},
	{"motion", []string{"full", "calm", "off"}, func(l *Look) *string { return &l.Motion }},
	{"language", []string{"zh", "en"}, func(l *Look) *string { return &l.Language }},
	{"share", []string{"gmv", "orders"}, func(l *Look) *string { return &l.Share }},
	{"ranking", []string{"countries", "provinces"}, func(l *Look) *string { return &l.Ranking }},
	{"currency", wallCurrencies, func(l *Look) *string { return &l.Currency }},
}

var (
	wallMaps       = []string{"dots", "file", "none"}
	wallCurrencies = []string{"CNY", "USD"}
	wallPanels     = []string{"all", "left", "centre", "right"}
	// builtScreens are words that `?screen=` means something by itself for.
	builtScreens = []string{"all", "left", "centre", "right", "number", "world"}
	screenName   = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
)

// LargestMap is the size of a map of one's own, bytes: ten times Natural Earth's countries at 1:50 million.
const LargestMap = 4 << 20

// The bounds of the wall's settings.
const (
	longestDelay    = 10 * time.Minute
	mostScreens     = 64
	mostFreezes     = 16
	longestApproval = 64 // bytes
	longestName     = 48 // bytes, of a country
)

// Validate reports every problem at once, by the names of festival.yaml. windows are the festival's.
func (w *Wall) Validate(windows []aggregate.Window) error {
	v := wallCheck{windows: windows}
	v.one("wall.map", w.Map, wallMaps)
	v.one("wall.currency", w.Currency, wallCurrencies)
	v.mapFile(w)
	v.bad(w.BroadcastDelay < 0 || w.BroadcastDelay > longestDelay, "wall.broadcast_delay %s: from 0s to %s", w.BroadcastDelay, longestDelay)
	v.freezes(w.FreezeAt)
	v.names(&w.Names)
	v.bad(len(w.Screens) > mostScreens, "wall.screens: %d screens: at most %d", len(w.Screens), mostScreens)
	for i := range w.Screens {
		v.screen(fmt.Sprintf("wall.screens[%d]", i), &w.Screens[i])
	}
	return errors.Join(v.errs...)
}

// wallCheck collects what is wrong with the wall's settings.
type wallCheck struct {
	windows []aggregate.Window
	seen    []string // names of screens
	errs    []error
}

func (v *wallCheck) bad(when bool, format string, args ...any) {
	if when {
		v.errs = append(v.errs, fmt.Errorf(format, args...))
	}
}

func (v *wallCheck) one(field, value string, values []string) {
	v.bad(value != "" && !slices.Contains(values, value), "%s %q: give %s", field, value, strings.Join(values, ", "))
}

func (v *wallCheck) mapFile(w *Wall) {
	if w.Map != "file" {
		v.bad(len(w.MapFile) > 0 || w.MapApproval != "", "wall.map_file and wall.map_approval belong to `map: file`: give that, or leave them out")
		return
	}
	v.bad(len(w.MapFile) == 0, "wall.map_file is missing: `map: file` needs a TopoJSON file")
	v.bad(len(w.MapFile) > LargestMap, "wall.map_file has %d bytes: at most %d", len(w.MapFile), LargestMap)
	v.bad(len(w.MapFile) > 0 && !isTopology(w.MapFile), "wall.map_file is no TopoJSON: it has to be an object with \"type\": \"Topology\"")
	v.bad(strings.TrimSpace(w.MapApproval) == "", "wall.map_approval is missing: a map of one's own is shown with its approval number only; give it as it has to be printed")
	v.bad(len(w.MapApproval) > longestApproval, "wall.map_approval %q: at most %d bytes", w.MapApproval, longestApproval)
}

func isTopology(text []byte) bool {
	var top struct{ Type string }
	return json.Unmarshal(text, &top) == nil && top.Type == "Topology"
}

func (v *wallCheck) freezes(all []time.Time) {
	v.bad(len(all) > mostFreezes, "wall.freeze_at: %d moments: at most %d", len(all), mostFreezes)
	for i, at := range all {
		ms := at.UnixMilli()
		inside := slices.ContainsFunc(v.windows, func(w aggregate.Window) bool { return ms > w.StartMs && ms <= w.EndMs })
		v.bad(!inside, "wall.freeze_at[%d] %s: has to lie in a window of the festival, after its start and not after its end", i, at.Format(time.RFC3339))
		v.bad(at.Nanosecond() != 0, "wall.freeze_at[%d] %s: has to be a whole second", i, at.Format(time.RFC3339Nano))
		v.bad(i > 0 && !at.After(all[i-1]), "wall.freeze_at[%d] %s: has to be after the one before it", i, at.Format(time.RFC3339))
	}
}

func (v *wallCheck) names(n *WallNames) {
	known := func(code string) bool { return slices.Contains(aggregate.Countries.Names(), code) }
	for _, code := range sorted(n.Countries) {
		name := n.Countries[code]
		v.bad(!known(code), "wall.names_file: countries: %q is no country code of an order, such as RU", code)
		v.bad(name.Zh == "" && name.En == "", "wall.names_file: countries.%s: give zh, en or both", code)
		v.bad(len(name.Zh) > longestName || len(name.En) > longestName, "wall.names_file: countries.%s: at most %d bytes a name", code, longestName)
	}
	for _, code := range sorted(n.Merge) {
		to := n.Merge[code]
		v.bad(!known(code) || !known(to), "wall.names_file: merge: %s: %s: both have to be country codes of an order, such as RU", code, to)
		_, onward := n.Merge[to]
		v.bad(code == to || onward, "wall.names_file: merge: %s: %s: %s is merged itself; name the last one", code, to, to)
	}
}

func (v *wallCheck) screen(at string, s *Screen) {
	v.bad(!screenName.MatchString(s.Name), "%s.name %q: 1 to 32 of a to z, 0 to 9, - and _", at, s.Name)
	v.bad(slices.Contains(builtScreens, s.Name), "%s.name %q: the page has a screen of that name itself; take another", at, s.Name)
	v.bad(slices.Contains(v.seen, s.Name), "%s.name %q is given already", at, s.Name)
	v.seen = append(v.seen, s.Name)
	v.bad(s.Wall != "" && !screenName.MatchString(s.Wall), "%s.wall %q: 1 to 32 of a to z, 0 to 9, - and _", at, s.Wall)
	v.one(at+".panel", s.Panel, wallPanels)
	is := func(w aggregate.Window) bool { return w.ID == s.Window }
	v.bad(s.Window != "" && !slices.ContainsFunc(v.windows, is), "%s.window %q: the festival has no such window", at, s.Window)
	for _, f := range lookFields {
		v.one(at+"."+f.name, *f.of(&s.Look), f.values)
	}
}

// defaults fills what was left out.
func (w *Wall) defaults() {
	set := func(to *string, value string) {
		if *to == "" {
			*to = value
		}
	}
	set(&w.Map, wallMaps[0])
	set(&w.Currency, wallCurrencies[0])
	for i := range w.Screens {
		set(&w.Screens[i].Wall, mainWall)
		set(&w.Screens[i].Panel, wallPanels[0])
	}
}

// walls are the names of all walls, sorted.
func (w *Wall) walls() []string {
	all := map[string]bool{mainWall: true}
	for _, s := range w.Screens {
		all[s.Wall] = true
	}
	return sorted(all)
}
