package query

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// wallSettings is what a wall's page reads at its start and when its settings change: those of all walls, and of one screen.
type wallSettings struct {
	Settings       string    `json:"settings"` // changes when anything here does
	Screen         Screen    `json:"screen"`   // the one asked for; without a name all of it is the page's own default
	Screens        []string  `json:"screens"`
	Walls          []string  `json:"walls"`
	Map            string    `json:"map"`
	MapApproval    string    `json:"map_approval"`
	Currency       string    `json:"currency"`
	BroadcastDelay int64     `json:"broadcast_delay_ms"`
	FreezeAt       []string  `json:"freeze_at"`
	Names          WallNames `json:"names"`
	Operator       bool      `json:"operator"` // whether this caller may change the walls
}

// settingsOf gives the settings with the screen's that is asked for; the zero screen for "".
func (c *Config) settingsOf(name string) (wallSettings, bool) {
	w := &c.Wall
	out := wallSettings{Screen: Screen{Wall: mainWall, Panel: wallPanels[0]}, Screens: []string{}, Walls: w.walls(), Map: w.Map,
		MapApproval: w.MapApproval, Currency: w.Currency, BroadcastDelay: w.BroadcastDelay.Milliseconds(), FreezeAt: []string{},
		Names: WallNames{orEmptyMap(w.Names.Countries), orEmptyMap(w.Names.Merge)}}
	for _, at := range w.FreezeAt {
		out.FreezeAt = append(out.FreezeAt, c.timeText(at.UnixMilli()))
	}
	found := name == ""
	for _, s := range w.Screens {
		out.Screens = append(out.Screens, s.Name)
		if s.Name == name {
			out.Screen, found = s, true
		}
	}
	out.Settings = c.settingsHash()
	return out, found
}

func orEmptyMap[V any](m map[string]V) map[string]V {
	if m == nil {
		m = map[string]V{}
	}
	return m
}

// settingsHash names the settings of all walls: two serves with the same file say the same.
func (c *Config) settingsHash() string {
	text, err := encode(c.Wall)
	if err != nil {
		panic(err) // texts, numbers and times only
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// wall answers GET /api/v1/wall.
func (s *Server) wall(c *fiber.Ctx, a args) error {
	name := a.text("screen")
	out, ok := s.cfg.settingsOf(name)
	if !ok {
		return notFound("festival.yaml has no screen %q in wall.screens. It has: %s.", clip(name), strings.Join(append(out.Screens, "none else"), ", "))
	}
	out.Operator = s.allow(c, operators) == nil
	body, err := encode(out)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return sendTagged(c, strconv.Quote(hex.EncodeToString(sum[:8])), fiber.MIMEApplicationJSON, body)
}

// wallMap answers with the operator's own map.
func (s *Server) wallMap(c *fiber.Ctx, _ args) error {
	if s.cfg.Wall.Map != "file" {
		return newProblem(http.StatusNotFound, "map", "The wall's map is %s: only with `map: file` in section wall of festival.yaml there is a file.", s.cfg.Wall.Map)
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return sendTagged(c, fmt.Sprintf("%q", hex.EncodeToString(s.mapSum[:8])), fiber.MIMEApplicationJSON, s.cfg.Wall.MapFile)
}
