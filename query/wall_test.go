package query

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lobbyWall is a wall that gives every setting.
func lobbyWall() Wall {
	return Wall{Map: "file", MapFile: []byte(`{"type":"Topology"}`), MapApproval: "GS(2026)1", Currency: "USD", BroadcastDelay: 7 * time.Second,
		FreezeAt: []time.Time{time.Unix(dayStart+3300, 0)},
		Names:    WallNames{map[string]Name{"RU": {Zh: "俄国", En: "Russia"}}, map[string]string{"MO": "HK"}},
		Screens: []Screen{{Name: "lobby", Wall: "foyer", Panel: "left", Window: "day", Look: Look{Scene: "number", Motion: "calm"}},
			{Name: "stage"}}}
}

// The settings of a screen are answered with a tag that changes with them, alike on two serves.
func TestWallRoute(t *testing.T) {
	cfg := testConfig(t, newMemoryStore(), 1)
	cfg.Wall = lobbyWall()
	_, base := start(t, cfg)
	_, other := start(t, cfg)
	got := getJSON[wallSettings](t, base+"/api/v1/wall?screen=lobby")
	require.Equal(t, cfg.Wall.Screens[0], got.Screen)
	require.Equal(t, got, getJSON[wallSettings](t, other+"/api/v1/wall?screen=lobby"))
	require.Equal(t, []string{"lobby", "stage"}, got.Screens)
	require.Equal(t, []string{"foyer", "main"}, got.Walls)
	require.EqualValues(t, 7000, got.BroadcastDelay)
	require.Equal(t, []string{"2025-11-11T00:55:00+08:00"}, got.FreezeAt)
	require.True(t, got.Operator)
	require.False(t, getJSON[wallSettings](t, base+"/api/v1/wall", "Host", "wall.example").Operator, "the route for changes would refuse it")
	require.Equal(t, Screen{Name: "stage", Wall: "main", Panel: "all"}, getJSON[wallSettings](t, base+"/api/v1/wall?screen=stage").Screen)
	status, header, _ := get(t, base+"/api/v1/wall")
	require.Equal(t, 200, status)
	status, _, _ = get(t, base+"/api/v1/wall", "If-None-Match", header.Get("ETag"))
	require.Equal(t, 304, status)
	status, _, body := get(t, base+"/api/v1/wall?screen=nope")
	require.Equal(t, 404, status)
	require.Contains(t, string(body), "lobby, stage")
	status, _, body = get(t, base+"/api/v1/wall/map")
	require.Equal(t, 200, status)
	require.Equal(t, `{"type":"Topology"}`, string(body))

	_, plain := start(t, testConfig(t, newMemoryStore(), 1))
	require.NotEqual(t, got.Settings, getJSON[wallSettings](t, plain+"/api/v1/wall").Settings)
	status, _, _ = get(t, plain+"/api/v1/wall/map")
	require.Equal(t, 404, status)
}

// Every problem of the settings is said at once, with its field.
func TestWallProblems(t *testing.T) {
	w := lobbyWall()
	rules := testRules(t, 1)
	require.NoError(t, w.Validate(rules.Windows))
	require.NoError(t, (&Wall{}).Validate(rules.Windows))
	w = Wall{Map: "globe", Currency: "EUR", BroadcastDelay: 11 * time.Minute, MapApproval: "GS 1",
		FreezeAt: []time.Time{time.Unix(dayStart, 0), time.Unix(dayStart+60, 1), time.Unix(dayStart+60, 0)},
		Names:    WallNames{map[string]Name{"XX": {Zh: "x"}, "RU": {}}, map[string]string{"MO": "HK", "HK": "CN", "TW": "TW"}},
		Screens: []Screen{{Name: "left"}, {Name: "a b"}, {Name: "x", Panel: "top", Window: "noon", Wall: "W", Look: Look{Scene: "s", Celebrate: "c",
			Motion: "m", Language: "l", Share: "s", Ranking: "r", Currency: "EUR"}}, {Name: "x"}}}
	err := w.Validate(rules.Windows)
	for _, says := range []string{"wall.map \"globe\": give dots, file, none", "wall.currency \"EUR\"", "wall.broadcast_delay 11m0s", "`map: file`",
		"wall.freeze_at[0]", "has to be a whole second", "wall.freeze_at[2]", "\"XX\" is no country code", "countries.RU: give zh",
		"HK is merged itself", "TW is merged itself", "screens[0].name \"left\"", "screens[1].name \"a b\"", "screens[2].panel \"top\"", "screens[2].window \"noon\"",
		"screens[2].wall \"W\"", "screens[2].scene", "screens[2].celebrate", "screens[2].motion", "screens[2].language", "screens[2].share",
		"screens[2].ranking", "screens[2].currency", "screens[3].name \"x\" is given already"} {
		require.ErrorContains(t, err, says)
	}
	err = (&Wall{Map: "file", MapFile: []byte(`{"type":"FeatureCollection"}`)}).Validate(rules.Windows)
	require.ErrorContains(t, err, "wall.map_approval is missing")
	require.ErrorContains(t, err, "no TopoJSON")
	big := Wall{Screens: make([]Screen, mostScreens+1), FreezeAt: make([]time.Time, mostFreezes+1)}
	require.ErrorContains(t, big.Validate(rules.Windows), "at most 64")
	require.ErrorContains(t, big.Validate(rules.Windows), "at most 16")
}

// told reads a stream up to the next event of walls.
func (r *reader) told(t *testing.T) map[string]wallState {
	t.Helper()
	for name := ""; ; {
		line, err := r.lines.ReadString('\n')
		require.NoError(t, err)
		if rest, ok := strings.CutPrefix(line, "event: "); ok {
			name = rest
		}
		if rest, ok := strings.CutPrefix(line, "data: "); ok && name == "wall\n" {
			var data struct {
				Settings string
				Walls    map[string]wallState
			}
			require.NoError(t, json.Unmarshal([]byte(rest), &data))
			require.NotEmpty(t, data.Settings)
			return data.Walls
		}
	}
}

// A change on one serve is on the streams of both, packed or not, in order; another wall stays as it is; who comes later has it.
func TestRemoteReachesEveryStream(t *testing.T) {
	store := newMemoryStore()
	cfg := testConfig(t, store, 1)
	cfg.Wall = lobbyWall()
	first, one := start(t, cfg)
	second, two := start(t, cfg)
	first.Apply(paid(0, 0, 3, 3, 50, dayStart))
	second.Apply(paid(0, 0, 3, 3, 50, dayStart))
	a, b := open(t, one+"/api/v1/stream?live=0", "Accept-Encoding", "identity"), open(t, two+"/api/v1/stream", "Accept-Encoding", "identity")
	compact := open(t, one+"/api/v1/stream?live=0&view=total", "Accept-Encoding", "identity")
	require.Equal(t, map[string]wallState{"main": {}, "foyer": {}}, a.told(t))
	require.Equal(t, map[string]wallState{"main": {}, "foyer": {}}, b.told(t))
	status, body := sendTo(t, "POST", one+"/api/v1/wall", `{"by":"Lin","change":{"scene":"number","frozen":"on"}}`)
	require.Equal(t, 200, status, body)
	seen := a.told(t)
	require.Equal(t, seen, b.told(t))
	require.Equal(t, wallState{}, seen["foyer"])
	require.Equal(t, "number", seen["main"].Scene)
	require.Equal(t, "Lin", seen["main"].By)
	require.NotNil(t, seen["main"].Frozen)

	status, body = sendTo(t, "POST", two+"/api/v1/wall", `{"by":"Wu","change":{"scene":"","frozen":"on","share":"orders"}}`)
	require.Equal(t, 200, status, body)
	after := a.told(t)
	require.Equal(t, after, b.told(t))
	require.Equal(t, Look{Share: "orders"}, after["main"].Look)
	require.Equal(t, seen["main"].Frozen, after["main"].Frozen, "a frozen wall stays on its second")
	require.Equal(t, after, open(t, two+"/api/v1/stream?live=0", "Accept-Encoding", "identity").told(t))

	compact.next(t)
	compact.close()
	status, body = sendTo(t, "POST", one+"/api/v1/wall", `{"wall":"foyer","by":"Wu","change":{"motion":"off","frozen":"off"}}`)
	require.Equal(t, 200, status, body)
	require.Equal(t, "off", b.told(t)["foyer"].Motion)
	rows := store.changed()
	status, _ = sendTo(t, "POST", one+"/api/v1/wall", `{"wall":"foyer","by":"Wu","change":{"motion":"off"}}`)
	require.Equal(t, 200, status)
	require.Equal(t, rows, store.changed(), "what changes nothing is no record")
}

// The route takes what an operator sends from this machine, and nothing that another site's page could send; problems are said
// all at once.
func TestRemoteRoute(t *testing.T) {
	store := newMemoryStore()
	_, base := start(t, testConfig(t, store, 1))
	at := base + "/api/v1/wall"
	good := `{"by":"Lin","change":{"celebrate":"off"}}`
	for _, c := range []struct {
		body   string
		header []string
		status int
	}{
		{good, []string{"Origin", "http://evil.example"}, 403},
		{good, []string{"X-Forwarded-For", "10.0.0.1"}, 403},
		{good, []string{"Content-Type", "text/plain"}, 415},
		{`{"change":{"celebrate":"off"}}`, nil, 400},
		{`{"by":"` + strings.Repeat("x", longestWho+1) + `","change":{"celebrate":"off"}}`, nil, 400},
		{`{"by":"Lin"}`, nil, 400},
		{`{"by":"Lin","change":{"colour":"red"}}`, nil, 400},
		{`{"by":"Lin","change":{"celebrate":"maybe"}}`, nil, 400},
		{`{"by":"Lin","change":{"frozen":"2026"}}`, nil, 400},
		{`{"by":"Lin","change":{"celebrate":1}}`, nil, 400},
		{`{"by":"Lin","wall":"foyer","change":{"celebrate":"off"}}`, nil, 400},
		{`{"by":"Lin","change":{},"until":1}`, nil, 400},
		{good, []string{"Origin", base}, 200},
		{`{"by":"` + strings.Repeat("x", longestWho) + `","change":{"celebrate":""}}`, nil, 200},
	} {
		status, body := sendTo(t, "POST", at, c.body, c.header...)
		require.Equal(t, c.status, status, "%s %v: %s", c.body, c.header, body)
	}
	require.Equal(t, 2, store.changed())
	_, body := sendTo(t, "POST", at, `{"wall":"x","change":{"colour":"red","motion":"wild"}}`)
	for _, says := range []string{"wall \\\"x\\\"", "by is", "colour", "motion"} {
		require.Contains(t, body, says)
	}
	store.setDown(true)
	status, _ := sendTo(t, "POST", at, good)
	require.Equal(t, 503, status)
}
