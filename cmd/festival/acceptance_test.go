package main

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// full says whether the acceptance of issue 3 runs in its full size: FESTIVAL_ACCEPTANCE=full.
func full() bool { return os.Getenv("FESTIVAL_ACCEPTANCE") == "full" }

// sized gives a number for the full acceptance, and one for every day.
func sized(whole, everyDay int) int {
	if full() {
		return whole
	}
	return everyDay
}

// wireFrame is a frame as its readers see it.
type wireFrame struct {
	Seq       int64            `json:"seq"`
	Official  bool             `json:"official"`
	Ledger    string           `json:"ledger"`
	Total     totals           `json:"total"`
	Mobile    sums             `json:"mobile"`
	Devices   []sums           `json:"devices"`
	Countries []sums           `json:"countries"`
	Provinces []sums           `json:"provinces"`
	Flows     []sums           `json:"flows"`
	Positions map[string]int64 `json:"positions"`
	Windows   []struct {
		ID     string `json:"id"`
		Total  totals `json:"total"`
		Mobile sums   `json:"mobile"`
	} `json:"windows"`
}

// atEnd waits until a frame shows all that the topic holds, and gives it.
func (d *demo) atEnd() *wireFrame {
	d.t.Helper()
	want := map[string]int64{}
	for p, end := range ends(d.t, d.kafka) {
		want[strconv.Itoa(int(p))] = end
	}
	var f wireFrame
	d.await("frame at the topic's end", func() bool {
		if status, _ := d.get("/api/v1/frame"); status != 200 {
			return false
		}
		f = wireFrame{}
		d.json("/api/v1/frame", &f)
		return maps.Equal(want, f.Positions)
	})
	return &f
}

// TestOutsideProducer is issue 3's "done when": orders from producers that are not ours, every codec, and each figure of
// the frame equals an independent sum in SQL over the same records.
func TestOutsideProducer(t *testing.T) {
	t.Parallel()
	festival := newFestival(t)
	d := newDemo(t, "--rate", "0")
	festival.write(t, d.data)
	t.Logf("first start: %s", d.start(t))

	shop, p := newShop(t, festival), newProducers(t, d.kafka)
	n := sized(200_000, 60_000)
	for range n {
		p.send(context.Background(), shop.next())
	}
	p.flush(t)
	n += kcat(t, d.kafka, shop)

	frame := d.atEnd()
	records := topicLog(t, d.kafka)
	require.Len(t, records, n)
	want := newOutsider(t).count(records, festival)
	require.Equal(t, shop.wrong, want.reasons, "the outsider finds what the shop has spoilt")
	requireFigures(t, d, frame, want)
	out, code := result(t, "verify", "--data", d.data)
	require.Equal(t, exitDone, code, "%s", out)
}

// kcat lets librdkafka write a part of the stream with each codec, where kcat is installed.
func kcat(t *testing.T, broker string, s *shop) (sent int) {
	if _, err := exec.LookPath("kcat"); err != nil {
		if os.Getenv("CI") == "true" {
			require.Fail(t, "kcat is not installed: .ci/run installs it")
		}
		t.Log("SKIPPED: librdkafka's part: kcat is not installed")
		return 0
	}
	for _, c := range codecs {
		var part []*kgo.Record
		for range sized(4000, 1000) {
			s.made++
			o := s.order()
			part = append(part, o.record(o.text()))
		}
		rdkafka(t, broker, c.name, part)
		sent += len(part)
	}
	return sent
}

// requireFigures holds a frame against an independent answer, to the fen.
func requireFigures(t *testing.T, d *demo, f *wireFrame, want *answer) {
	t.Helper()
	t.Logf("%+v", f.Total)
	require.Positive(t, want.total.GmvFen)
	assert.Equal(t, want.total, f.Total)
	assert.Equal(t, want.devices, byKey(f.Devices, true, want.devices), "devices")
	assert.Equal(t, want.countries, byKey(f.Countries, false, nil), "countries")
	assert.Equal(t, want.provinces, byKey(f.Provinces, true, want.provinces), "provinces")
	for _, flow := range f.Flows {
		w := want.flows_[flow.Key]
		assert.Equal(t, [2]int64{w.GmvFen, w.Orders}, [2]int64{flow.GmvFen, flow.Orders}, "flow %s", flow.Key)
	}
	require.Len(t, f.Flows, min(60, len(want.flows_)))
	var mobile sums
	for _, c := range want.devices {
		mobile.GmvFen, mobile.Orders = mobile.GmvFen+c.MobileGmvFen, mobile.Orders+c.MobileOrders
	}
	assert.Equal(t, mobile, f.Mobile)
	for _, w := range f.Windows {
		assert.Equal(t, want.windows[w.ID].GmvFen, w.Total.GmvFen, "window %s", w.ID)
		assert.Equal(t, want.windows[w.ID].Orders, w.Total.Orders, "window %s", w.ID)
		assert.Equal(t, want.windows[w.ID].MobileGmvFen, w.Mobile.GmvFen, "window %s", w.ID)
	}
	var rejects struct{ Reasons map[string]int64 }
	d.json("/api/v1/rejects", &rejects)
	assert.Equal(t, want.reasons, rejects.Reasons)
}

// byKey indexes rows; those of dimensions without mobile measures get the wanted ones, which nobody can see.
func byKey(rows []sums, bare bool, want map[string]sums) map[string]sums {
	all := map[string]sums{}
	for _, r := range rows {
		if bare {
			r.MobileGmvFen, r.MobileOrders = want[r.Key].MobileGmvFen, want[r.Key].MobileOrders
		}
		if r.Orders > 0 {
			all[r.Key] = r
		}
	}
	return all
}
