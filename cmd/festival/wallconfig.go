package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"festival/aggregate"
	"festival/query"
)

// largestNames is the size of a names file, bytes: some 250 countries.
const largestNames = 64 << 10

// wallSettings reads the wall's files. The settings are what could be read; the error is every problem of the files.
func (c *Config) wallSettings() (query.Wall, error) {
	w := &c.Wall
	out := query.Wall{Map: w.Map, MapApproval: w.MapApproval, Currency: w.Currency, BroadcastDelay: w.BroadcastDelay, FreezeAt: w.FreezeAt}
	for _, s := range w.Screens {
		out.Screens = append(out.Screens, query.Screen{Name: s.Name, Wall: s.Wall, Panel: s.Panel, Window: s.Window, Look: query.Look{
			Scene: s.Scene, Celebrate: s.Celebrate, Motion: s.Motion, Language: s.Language, Share: s.Share, Ranking: s.Ranking, Currency: s.Currency}})
	}
	var mapErr, namesErr error
	if w.MapFile != "" {
		out.MapFile, mapErr = readSmall("wall.map_file", c.path(w.MapFile), query.LargestMap)
	}
	if w.NamesFile != "" {
		out.Names, namesErr = readNames(c.path(w.NamesFile))
	}
	return out, errors.Join(mapErr, namesErr)
}

// readSmall reads a whole file of at most so many bytes.
func readSmall(setting, path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s has more than %s", path, size(most))
	}
	if err == nil && len(text) == 0 {
		err = fmt.Errorf("%s is empty", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	return text, nil
}

// readNames reads the operator's table of countries.
func readNames(path string) (query.WallNames, error) {
	text, err := readSmall("wall.names_file", path, largestNames)
	if err != nil {
		return query.WallNames{}, err
	}
	var names struct {
		Countries map[string]query.Name `yaml:"countries"`
		Merge     map[string]string     `yaml:"merge"`
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&names); err != nil {
		return query.WallNames{}, fmt.Errorf("wall.names_file: %s: %s; it has countries: {RU: {zh: 俄罗斯, en: Russia}} and merge: {MO: HK}", path, plainYAML(err))
	}
	return query.WallNames(names), nil
}

// plainYAML is an error of the library in one line, without names of our types.
func plainYAML(err error) string {
	var all *yaml.TypeError
	if !errors.As(err, &all) {
		return err.Error()
	}
	var out []string
	for _, e := range all.Errors {
		line, _, _ := strings.Cut(e, " in type ")
		line, _, _ = strings.Cut(line, " into ")
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

// printWall says what is on which screen, defaults filled in, for --check.
func (c *Config) printWall(out io.Writer) {
	w := &c.Wall
	fmt.Fprintf(out, "Wall: map %s", cmp.Or(w.Map, "dots"))
	if w.Map == "file" {
		fmt.Fprintf(out, " %s (%s)", w.MapFile, w.MapApproval)
	}
	fmt.Fprintf(out, ", currency %s", cmp.Or(w.Currency, "CNY"))
	if w.BroadcastDelay > 0 {
		fmt.Fprintf(out, ", on the air %s later", w.BroadcastDelay)
	}
	if w.NamesFile != "" {
		fmt.Fprintf(out, ", names of %s", w.NamesFile)
	}
	fmt.Fprintln(out)
	for _, at := range w.FreezeAt {
		fmt.Fprintln(out, "Wall: the number is held from", at.In(c.Zone()).Format(time.RFC3339), "on, until an operator's release")
	}
	for _, s := range w.Screens {
		fmt.Fprintf(out, "Screen /?screen=%s: wall %s, panel %s, window %s, scene %s, celebrations %s, motion %s, language %s, share %s, ranking %s, currency %s\n",
			s.Name, cmp.Or(s.Wall, "main"), cmp.Or(s.Panel, "all"), cmp.Or(s.Window, "all"), cmp.Or(s.Scene, "all"), cmp.Or(s.Celebrate, "on"),
			cmp.Or(s.Motion, "full"), cmp.Or(s.Language, "zh"), cmp.Or(s.Share, "gmv"), cmp.Or(s.Ranking, "countries"),
			cmp.Or(s.Currency, w.Currency, "CNY"))
	}
}

// wall judges what could be read: one moment of freeze_at that is none leaves the rest to be said too.
func (v *validator) wall() {
	wall, err := v.wallSettings()
	v.say(err)
	v.leaveUnread(&wall)
	if err != nil { // what could not be read is not called missing too
		if wall.MapFile == nil && wall.Map == "file" {
			wall.MapFile = []byte(`{"type":"Topology"}`)
		}
	}
	var windows []aggregate.Window
	if v.read.knows("festival.windows") {
		windows = v.rulesSpec(aggregate.DefaultStride).Windows
	} else { // said already: nothing is held against windows that could not be read
		wall.FreezeAt = nil
		for i := range wall.Screens {
			wall.Screens[i].Window = ""
		}
	}
	usd := func(s query.Screen) bool { return s.Currency == "USD" }
	if rates := v.Festival.Rates; (wall.Currency == "USD" || slices.ContainsFunc(wall.Screens, usd)) && v.read.knows("festival.rates") && rates["USD"] == "" {
		v.say(errors.New("wall.currency USD: festival.rates has no USD, so there is no sealed rate to show dollars at"))
	}
	v.say(wall.Validate(windows))
}

// leaveUnread puts what nothing can be said against in the place of what could not be read, which has been said; places in lists stay.
func (v *validator) leaveUnread(wall *query.Wall) {
	if !v.read.knows("wall.freeze_at") {
		wall.FreezeAt = nil
	}
	if !v.read.knows("wall.map") || !v.read.knows("wall.map_file") || !v.read.knows("wall.map_approval") {
		wall.Map, wall.MapFile, wall.MapApproval = "", nil, ""
	}
	for i := range wall.Screens {
		if !v.read.knowsElement("wall.screens", i) {
			wall.Screens[i] = query.Screen{Name: fmt.Sprintf("unread-%d", i)}
		}
	}
}
