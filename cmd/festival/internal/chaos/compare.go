package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate/recount"
)

// comparison counts figures held against the truth, and lists those that differ.
type comparison struct {
	figures     int
	differences []string
}

func (c *comparison) same(what string, got, want any) {
	c.figures++
	if got != want {
		c.differences = append(c.differences, fmt.Sprintf("%s: shown %v, the topic says %v", what, got, want))
	}
}

// compareAll holds both serves' figures against the truth.
func (w *world) compareAll(ctx context.Context, t *truth) (*comparison, error) {
	c := &comparison{}
	for i, addr := range w.addrs {
		base := "http://" + addr + "/api/v1/"
		for _, step := range []func() error{
			func() error { return w.compareFrame(ctx, c, t, i, addr) },
			func() error { return compareMinutes(ctx, c, t, i, base) },
			func() error { return compareRejects(ctx, c, t, i, base) },
			func() error { return compareMerchants(ctx, c, t, i, base) },
		} {
			if err := step(); err != nil {
				return c, err
			}
		}
	}
	return c, w.compareAnswers(ctx, c)
}

// compareFrame holds total, windows, countries, devices, provinces, flows and log counters of a frame.
func (w *world) compareFrame(ctx context.Context, c *comparison, t *truth, serve int, addr string) error {
	_, body, err := w.newest(ctx, addr)
	if err != nil {
		return err
	}
	f, err := recount.ReadFrame(body)
	if err != nil {
		return err
	}
	c.figures += leaves(body)
	for _, m := range t.totals.Compare(f, t.totals.Whole()) {
		c.differences = append(c.differences, fmt.Sprintf("serve %d, frame, %s: shown %s, the topic says %s", serve, m.Path, m.Shown, m.Recounted))
	}
	return nil
}

// leaves counts the figures of a frame: the numbers and shares in the members that are compared.
func leaves(frame []byte) int {
	var members map[string]any
	if json.Unmarshal(frame, &members) != nil {
		return 0
	}
	n := 0
	for _, name := range []string{"total", "mobile", "rate", "devices", "countries", "provinces", "flows", "windows"} {
		n += leavesOf(members[name])
	}
	return n
}

func leavesOf(value any) (n int) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if name != "key" && name != "id" {
				n += leavesOf(inner)
			}
		}
	case []any:
		for _, inner := range v {
			n += leavesOf(inner)
		}
	default:
		return 1
	}
	return n
}

type wireSums struct {
	T            int64 `json:"t"`
	GmvFen       int64 `json:"gmv_fen"`
	Orders       int64 `json:"orders"`
	MobileGmvFen int64 `json:"mobile_gmv_fen"`
	MobileOrders int64 `json:"mobile_orders"`
}

func (s wireSums) plain() [4]int64 {
	return [4]int64{s.GmvFen, s.Orders, s.MobileGmvFen, s.MobileOrders}
}

func plainOf(m recount.Measures) [4]int64 {
	return [4]int64{m.GmvFen, m.Orders, m.MobileGmvFen, m.MobileOrders}
}

func compareMinutes(ctx context.Context, c *comparison, t *truth, serve int, base string) error {
	var answer struct {
		Points []wireSums `json:"points"`
	}
	if err := getJSON(ctx, base+"series?dim=total&step=1m", &answer); err != nil {
		return err
	}
	got := map[int64][4]int64{}
	for _, p := range answer.Points {
		got[p.T] = p.plain()
	}
	for minute, m := range t.minutes {
		c.same(fmt.Sprintf("serve %d, minute %s", serve, time.Unix(minute, 0).UTC().Format("15:04")), got[minute], plainOf(m))
		delete(got, minute)
	}
	for minute, sums := range got {
		c.same(fmt.Sprintf("serve %d, minute %d", serve, minute), sums, [4]int64{})
	}
	return nil
}

func compareRejects(ctx context.Context, c *comparison, t *truth, serve int, base string) error {
	var answer struct {
		Reasons map[string]int64 `json:"reasons"`
	}
	if err := getJSON(ctx, base+"rejects", &answer); err != nil {
		return err
	}
	for reason := range t.rejected {
		c.same(fmt.Sprintf("serve %d, rejected %s", serve, reason), answer.Reasons[reason], t.rejected[reason])
	}
	for reason, n := range answer.Reasons {
		if t.rejected[reason] == 0 {
			c.same(fmt.Sprintf("serve %d, rejected %s", serve, reason), n, int64(0))
		}
	}
	return nil
}

// compareMerchants asks for every merchant that the topic knows.
func compareMerchants(ctx context.Context, c *comparison, t *truth, serve int, base string) error {
	ids := slices.Sorted(maps.Keys(t.merchants))
	got := make([][7]int64, len(ids))
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(4)
	for i, id := range ids {
		all.Go(func() error {
			var answer struct {
				Total struct {
					wireSums
					Created   int64 `json:"created"`
					Refunds   int64 `json:"refunds"`
					RefundFen int64 `json:"refund_fen"`
				} `json:"total"`
			}
			err := getJSON(ctx, base+"merchant/"+url.PathEscape(id), &answer)
			a := answer.Total
			got[i] = [7]int64{a.Orders, a.GmvFen, a.MobileOrders, a.MobileGmvFen, a.Created, a.Refunds, a.RefundFen}
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	for i, id := range ids {
		c.same(fmt.Sprintf("serve %d, merchant %s", serve, id), got[i], t.merchants[id].List())
	}
	return nil
}

// compareAnswers asks both serves for the same past seconds: they have to give the same bytes.
func (w *world) compareAnswers(ctx context.Context, c *comparison) error {
	for at := w.begun; time.Since(at) > 5*time.Second; at = at.Add(time.Since(w.begun) / 40) {
		query := "/api/v1/frame?at=" + url.QueryEscape(at.Format(time.RFC3339))
		var first []byte
		for i, addr := range w.addrs {
			body, err := get(ctx, "http://"+addr+query)
			if err != nil && strings.Contains(err.Error(), "404") {
				body = nil // before the first frame
			} else if err != nil {
				return err
			}
			if i == 0 {
				first = body
				continue
			}
			c.figures++
			if !bytes.Equal(first, body) {
				c.differences = append(c.differences, fmt.Sprintf("frame?at=%s: serve 0 and serve %d give other bytes", at.Format(time.RFC3339), i))
			}
		}
	}
	return nil
}

// verify runs `festival verify`: every cell, seal, raw row and frame, by the program's own auditor.
func (w *world) verify(ctx context.Context, c *comparison) error {
	cmd := exec.CommandContext(ctx, w.cfg.Program, "verify", "--config", w.config, "--json")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch code := cmd.ProcessState.ExitCode(); {
	case ctx.Err() != nil:
		return ctx.Err()
	case code == 3:
		c.differences = append(c.differences, fmt.Sprintf("festival verify: %.2000s", out))
	case err != nil:
		return fmt.Errorf("festival verify: %w\n%.2000s", err, stderr.String())
	}
	return nil
}
