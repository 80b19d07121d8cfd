package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/aggregate"
)

// signatureHeader is the header of a record of the frames topic, as docs/definitions.md names it.
const signatureHeader = "festival-sig"

// TestTwoServesIgnoreForgedFrames writes records into the frames topic that continue the chain and are whole but for the
// signature, before the publisher's own of that second: without one, with that of a true record, and signed by a made-up key.
// No serve shows one of them or stops for it, and each is counted with its reason. A copy of the store goes on with the chain.
func TestTwoServesIgnoreForgedFrames(t *testing.T) {
	n := newNight(t)
	n.start(t)
	f := newForger(t, n.kafka)
	for tries := 1; !n.forge(t, f); tries++ { // the publisher was first
		require.Less(t, tries, 60)
	}
	for _, s := range n.serves {
		s.awaitAfter(f.last.Second)
		require.Equal(t, http.StatusOK, s.ready().Status, "%s", s.out)
		require.Contains(t, s.out.String(), "no serve of this ledger has signed it")
	}
	n.stopProducing()
	for _, row := range requireFrames(t, n.store) { // one chain
		var stored wireFrame
		require.NoError(t, json.Unmarshal([]byte(row.JSON), &stored))
		require.NotContains(t, f.forged, row.Hash)
	}
	for _, s := range n.serves {
		s.mu.Lock()
		require.Empty(t, s.fell)
		for _, body := range s.shown {
			for hash := range f.forged {
				require.NotContains(t, body, hash)
			}
		}
		s.mu.Unlock()
	}
	flags := n.flags() // verify has no flag for the topic
	at := slices.Index(flags, "--topic")
	out, code := resultWith(t, n.env("FESTIVAL_KAFKA_TOPIC=orders"), append([]string{"verify"}, slices.Delete(flags, at, at+2)...)...)
	require.Equal(t, exitDone, code, "%s", out)
	n.goOnWithCopy(t)
}

// goOnWithCopy stops all and starts a serve on a store that was restored: it takes what the topic has since for signed, and its
// own frames are.
func (n *night) goOnWithCopy(t *testing.T) {
	t.Helper()
	to, again := filepath.Join(n.dir, "backup"), filepath.Join(n.dir, "again")
	out, code := resultWith(t, n.env(), "store", "backup", "--data", filepath.Join(n.dir, "store"), "--to", to)
	require.Equal(t, exitDone, code, "%s", out)
	_, s := n.publisher(t)
	s.awaitAfter(s.newest() + 1) // the topic has frames that the copy has not
	for _, s := range n.serves {
		s.interrupt()
	}
	n.ingest.interrupt()
	out, code = resultWith(t, n.env(), "store", "restore", "--from", to, "--data", again)
	require.Equal(t, exitDone, code, "%s", out)
	type key struct{ Secret string }
	keys := rows[key](n.store, "SELECT secret AS Secret FROM festival.frame_keys FINAL ORDER BY secret")
	whole := requireFrames(t, n.store)
	n.store = storeOf(t, again)
	n.data = "again"
	require.NotEmpty(t, keys)
	require.Equal(t, keys, rows[key](n.store, "SELECT secret AS Secret FROM festival.frame_keys FINAL ORDER BY secret"))
	require.Less(t, len(requireFrames(t, n.store)), len(whole))
	s.start()
	s.awaitAfter(whole[len(whole)-1].Second)
	require.Equal(t, whole, requireFrames(t, n.store)[:len(whole)])
	require.Zero(t, s.ignored()["forged"])
}

// forge appends every forgery upon the newest frame while the publisher is stopped, and says whether they came before the next
// frame, the publisher's last one or the other's: then each serve has counted them as what they are, otherwise they were stale.
func (n *night) forge(t *testing.T, f *forger) bool {
	t.Helper()
	before := make([]map[string]int, len(n.serves))
	for i, s := range n.serves {
		before[i] = s.ignored()
	}
	f.await(t)
	holds, _ := n.publisher(t)
	require.NoError(t, holds.cmd.Process.Signal(syscall.SIGSTOP)) // so that it is second
	f.toEnd(t)
	want := map[string]int{}
	var records []*kgo.Record
	for _, change := range forgeries {
		value := f.alter(t, change)
		records = append(records, signed(value, ""), signed(value, f.signature), signed(value, "0123456789abcdef:"+strings.Repeat("5a", 32)))
		want["unsigned"], want["forged"] = want["unsigned"]+1, want["forged"]+2
	}
	f.append(t, records...)
	require.NoError(t, holds.cmd.Process.Signal(syscall.SIGCONT))
	first := true
	for i, s := range n.serves {
		rise := func() map[string]int {
			rise := s.ignored()
			for reason, n := range before[i] {
				if rise[reason] -= n; rise[reason] == 0 {
					delete(rise, reason)
				}
			}
			return rise
		}
		require.Eventually(t, func() bool {
			sum := 0
			for _, n := range rise() {
				sum += n
			}
			return sum >= 3*len(forgeries)
		}, patience, 20*time.Millisecond)
		if got := rise(); got["stale"] > 0 {
			t.Logf("too late: %v", got)
			first = false
		} else {
			require.Equal(t, want, got)
		}
	}
	return first
}

// forgeries are what the tester put on every wall, and a close.
var forgeries = []func(*aggregate.Frame){
	func(f *aggregate.Frame) { // total is not the sum of countries
		f.Total.GmvFen, f.Total.NetFen, f.Total.Orders = 999_999_999_900, 999_999_999_900-f.Total.RefundFen, 1
	},
	func(f *aggregate.Frame) { // no true frame could follow
		for p := range f.Positions {
			f.Positions[p] = 1_000_000_000_000
		}
	},
	func(f *aggregate.Frame) { f.Phase = "closed" },
}

var ignoredLine = regexp.MustCompile(`(?m)^festival_query_frames_ignored_total\{reason="(\w+)"\} (\d+)$`)

// ignored gives the serve's counters of ignored records by reason.
func (s *serving) ignored() map[string]int {
	status, body := s.get("/metrics")
	require.Equal(s.t, http.StatusOK, status)
	out := map[string]int{}
	for _, m := range ignoredLine.FindAllStringSubmatch(string(body), -1) {
		out[m[1]], _ = strconv.Atoi(m[2])
	}
	require.Contains(s.t, out, "forged")
	return out
}

// forger may read and write the frames topic, and not the store.
type forger struct {
	client    *kgo.Client
	newest    [][]byte // lines of the newest record that a serve wrote
	signature string
	last      proposed
	next      int64           // offset after what was read
	forged    map[string]bool // hashes of its own
}

// proposed is the head of a record of the frames topic.
type proposed struct {
	Format int             `json:"format"`
	Ledger string          `json:"ledger"`
	Second int64           `json:"second"`
	Seq    int64           `json:"seq"`
	Prev   string          `json:"prev"`
	Hash   string          `json:"hash"`
	By     string          `json:"by"`
	Views  []string        `json:"views"`
	Marks  json.RawMessage `json:"marks"`
}

func newForger(t *testing.T, broker string) *forger {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.DefaultProduceTopic("frames"), kgo.ConsumeTopics("frames"),
		kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(1), kgo.FetchMaxWait(50*time.Millisecond))
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return &forger{client: client, forged: map[string]bool{}}
}

// await reads on until a serve has written another frame.
func (f *forger) await(t *testing.T) {
	t.Helper()
	for known := f.last.Seq; f.last.Seq == known; {
		f.read(t)
	}
}

// toEnd reads all that the topic has now.
func (f *forger) toEnd(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ends, err := kadm.NewClient(f.client).ListEndOffsets(ctx, "frames")
	require.NoError(t, err)
	end, ok := ends.Lookup("frames", 0)
	require.True(t, ok)
	for f.next < end.Offset {
		f.read(t)
	}
}

func (f *forger) read(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	fetches := f.client.PollFetches(ctx)
	require.NoError(t, fetches.Err())
	for _, r := range fetches.Records() {
		f.next = r.Offset + 1
		var head proposed
		lines := bytes.Split(bytes.TrimSuffix(r.Value, []byte("\n")), []byte("\n"))
		require.NoError(t, json.Unmarshal(lines[0], &head))
		if !f.forged[head.Hash] {
			require.Equal(t, signatureHeader, r.Headers[0].Key, "every true record bears it")
			f.newest, f.last, f.signature = lines[1:], head, string(r.Headers[0].Value)
		}
	}
}

// alter makes the frame that would follow the newest one, with the figures changed and all hashes right.
func (f *forger) alter(t *testing.T, change func(*aggregate.Frame)) []byte {
	t.Helper()
	head := f.last
	head.Second, head.Seq, head.Prev, head.Marks = head.Second+1, head.Seq+1, head.Hash, json.RawMessage("[]")
	var out [][]byte
	for i, line := range f.newest {
		var frame aggregate.Frame
		require.NoError(t, json.Unmarshal(line, &frame))
		second, err := time.Parse(time.RFC3339, frame.Second)
		require.NoError(t, err)
		frame.Second, frame.Seq, frame.Prev = second.Add(time.Second).Format(time.RFC3339), head.Seq, head.Prev
		if change(&frame); i == 0 { // the first is the whole festival's; the windows' bear its hash
			head.Hash = frame.Digest()
		}
		frame.Hash = &head.Hash
		out = append(out, frame.JSON())
	}
	f.forged[head.Hash] = true
	first, err := json.Marshal(head)
	require.NoError(t, err)
	return append(bytes.Join(append([][]byte{first}, out...), []byte("\n")), '\n')
}

func signed(value []byte, signature string) *kgo.Record {
	r := &kgo.Record{Value: value}
	if signature != "" {
		r.Headers = []kgo.RecordHeader{{Key: signatureHeader, Value: []byte(signature)}}
	}
	return r
}

func (f *forger) append(t *testing.T, records ...*kgo.Record) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, f.client.ProduceSync(ctx, records...).FirstErr())
}
