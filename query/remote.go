package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"festival/sql"
)

// remoteEvery is how soon a serve sees what another one changed on a wall.
const remoteEvery = time.Second

// frozenAhead is how far ahead of the server's clock the second lies on which a frozen wall rests: every screen, of this
// serve or of another, knows it before it has shown it.
const frozenAhead = 2 * time.Second

// frozenField is the field of a change that is no Look.
const frozenField = "frozen"

// wallState is what directors have set on one wall: values over those of each screen's settings, "" where nothing is set.
type wallState struct {
	Look
	Frozen *string `json:"frozen"` // the second that the wall's screens rest on
	By     string  `json:"by"`     // who changed last
	At     *string `json:"at"`     // and when
}

// remote keeps the walls' states as the store has them and shows them to the streams.
type remote struct {
	cfg *Config
	hub *hub
	log *slog.Logger

	mu    sync.Mutex // one look at the store at a time
	shown string
	state map[string]wallState
}

func newRemote(cfg *Config, h *hub) *remote { return &remote{cfg: cfg, hub: h, log: cfg.Log} }

// run looks at the store until ctx ends.
func (r *remote) run(ctx context.Context) {
	for failed := false; ; {
		_, err := r.refresh(ctx)
		if err != nil && !failed && ctx.Err() == nil {
			r.log.Warn("what directors set on the walls is not known; trying again", "error", err)
		}
		failed = err != nil
		if !sleep(ctx, remoteEvery) {
			return
		}
	}
}

// refresh takes up what the store has and tells the streams where it is new.
func (r *remote) refresh(ctx context.Context) (map[string]wallState, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rows, err := r.cfg.Store.WallChanges(ctx, r.cfg.prefix())
	if err != nil {
		return nil, err
	}
	r.state = r.cfg.statesOf(rows)
	body, err := encode(map[string]any{"settings": r.cfg.settingsHash(), "walls": r.state})
	if err != nil {
		return nil, err
	}
	if text := string(body); text != r.shown {
		r.shown = text
		r.hub.tell(fmt.Appendf(nil, "event: wall\ndata: %s\n\n", text))
	}
	return r.state, nil
}

// statesOf gives every wall's state; records of fields, values and walls that this program does not know are left out.
func (c *Config) statesOf(rows []sql.WallChange) map[string]wallState {
	out, newest := map[string]wallState{}, map[string]int64{}
	for _, name := range c.Wall.walls() {
		out[name] = wallState{}
	}
	for _, row := range rows {
		st, known := out[row.Wall]
		if !known || !st.set(c, row.Field, row.Value) {
			continue
		}
		if row.AtMs > newest[row.Wall] {
			newest[row.Wall] = row.AtMs
			st.By, st.At = row.Who, ref(c.timeText(row.AtMs))
		}
		out[row.Wall] = st
	}
	return out
}

// set takes a stored value; false where it means nothing here.
func (st *wallState) set(c *Config, field, value string) bool {
	if field == frozenField {
		second, err := strconv.ParseInt(value, 10, 64)
		if err == nil {
			st.Frozen = ref(c.timeText(second * 1000))
		}
		return value == "" || err == nil
	}
	for _, f := range lookFields {
		if f.name == field && (value == "" || slices.Contains(f.values, value)) {
			*f.of(&st.Look) = value
			return true
		}
	}
	return false
}

// wallBody is what `POST /api/v1/wall` takes.
type wallBody struct {
	Wall   string            `json:"wall"` // "": main
	By     string            `json:"by"`
	Change map[string]string `json:"change"` // by field; frozen: on or off; "" gives a field back to each screen's settings
}

// wallChange lets an operator change what all screens of a wall show.
func (s *Server) wallChange(c *fiber.Ctx, _ args) error {
	if err := sameSite(c); err != nil {
		return err
	}
	var body wallBody
	d := json.NewDecoder(strings.NewReader(string(c.Body())))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return newProblem(http.StatusBadRequest, "body", `The body has to be JSON such as {"by":"Lin","change":{"scene":"number"}}.`)
	}
	if body.Wall == "" {
		body.Wall = mainWall
	}
	if err := s.checkChange(&body); err != nil {
		return newProblem(http.StatusBadRequest, "wall", "%s", err)
	}
	state, err := s.change(&body)
	if err != nil {
		return storeFailed(err)
	}
	return sendJSON(c, map[string]any{"wall": body.Wall, "state": state})
}

// checkChange reports every problem of a change at once.
func (s *Server) checkChange(b *wallBody) error {
	v := wallCheck{}
	walls := s.cfg.Wall.walls()
	v.bad(!slices.Contains(walls, b.Wall), "wall %q: this festival's walls are %s.", clip(b.Wall), strings.Join(walls, ", "))
	v.bad(b.By == "" || len(b.By) > longestWho, "by is %q: say who asks, in 1 to %d bytes.", clip(b.By), longestWho)
	v.bad(!OneLine(b.By), "by is %q: it has to be one line without control characters.", clip(b.By))
	v.bad(len(b.Change) == 0, "change is empty: name at least one field.")
	for _, field := range sorted(b.Change) {
		i := slices.IndexFunc(lookFields, func(f lookField) bool { return f.name == field })
		switch {
		case field == frozenField:
			v.one("frozen", b.Change[field], []string{"on", "off"})
		case i < 0:
			v.bad(true, "change has an unknown field %q.", clip(field))
		default:
			v.one(field, clip(b.Change[field]), lookFields[i].values)
		}
	}
	return errors.Join(v.errs...)
}

// change records what is new of a change and gives the wall's state after it.
func (s *Server) change(b *wallBody) (wallState, error) {
	ctx, now := s.base(), s.cfg.Clock()
	known, err := s.cfg.Store.WallChanges(ctx, s.cfg.prefix())
	if err != nil {
		return wallState{}, err
	}
	if rows := s.changes(b, known, now); len(rows) > 0 {
		if err := s.cfg.Store.InsertWallChanges(ctx, s.cfg.prefix(), rows); err != nil {
			return wallState{}, err
		}
		s.log.Info("wall changed", "wall", b.Wall, "by", b.By, "change", fmt.Sprint(b.Change))
	}
	all, err := s.remote.refresh(ctx)
	return all[b.Wall], err
}

// changes are the records of what a change changes; a wall that is frozen already stays on its second.
func (s *Server) changes(b *wallBody, known []sql.WallChange, now time.Time) (rows []sql.WallChange) {
	at, have := now.UnixMilli(), map[string]string{}
	for _, r := range known {
		if r.Wall == b.Wall {
			have[r.Field], at = r.Value, max(at, r.AtMs+1) // in the order of their times, whatever the clocks
		}
	}
	change := maps.Clone(b.Change)
	if v, asked := change[frozenField]; asked {
		switch {
		case v != "on":
			change[frozenField] = ""
		case have[frozenField] != "":
			change[frozenField] = have[frozenField]
		default:
			change[frozenField] = strconv.FormatInt(now.Add(frozenAhead).Unix(), 10)
		}
	}
	for _, field := range sorted(change) {
		if change[field] != have[field] {
			rows = append(rows, sql.WallChange{Wall: b.Wall, Field: field, AtMs: at, Who: b.By, Value: change[field]})
		}
	}
	return rows
}
