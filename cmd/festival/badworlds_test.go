package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"festival/ingest/kafka/kafkatest"
)

// TestBadWorlds takes the log away from a running festival in every way that a log goes: retention passes it, partitions are added,
// the topic is created anew, another cluster answers. What is concerned stops and says where and why in the frame, /readyz and the
// metrics; nothing that is not the ledger's is counted; the way out that the sentence names leads on.
func TestBadWorlds(t *testing.T) {
	t.Parallel()
	c := kafkatest.Run(t, kafkatest.Config{})
	w := newBadWorlds(t, c)
	for _, step := range []struct {
		name string
		do   func(*badWorlds)
	}{{"retention", (*badWorlds).retention}, {"partitions added", (*badWorlds).partitionsAdded},
		{"topic recreated", (*badWorlds).topicRecreated}, {"another cluster", (*badWorlds).anotherCluster}} {
		begun := time.Now()
		step.do(w)
		t.Logf("%s: %s", step.name, time.Since(begun).Truncate(100*time.Millisecond))
	}
}

// badWorlds is a festival of two ingests, a store and a serve on real Kafka.
type badWorlds struct {
	*night
	t       *testing.T
	cluster *kafkatest.Cluster
	shop    *shop
	ingests [2]*program
	metrics [2]string
	serve   *serving
	counted string // what the store holds, before the world went bad
}

func newBadWorlds(t *testing.T, c *kafkatest.Cluster) *badWorlds {
	t.Helper()
	f := newFestival(t)
	w := &badWorlds{t: t, cluster: c, shop: newShop(t, f), night: &night{dir: t.TempDir(), data: "store", kafka: c.Addrs(kafkatest.Plaintext)[0], festival: f}}
	require.NoError(t, os.WriteFile(w.config(), []byte(strings.Replace(f.yaml, "kafka: {", "kafka: {topic: orders, ", 1)), 0o600))
	require.NoError(t, c.CreateTopic(context.Background(), "orders", 4, 1, nil))
	w.store = storeOf(t, filepath.Join(w.dir, "store"))
	w.startIngests()
	w.startServe()
	w.produce(3000)
	w.atEnd()
	return w
}

func (w *badWorlds) startIngests() {
	w.t.Helper()
	for i := range w.ingests {
		w.metrics[i] = unused(w.t)
		w.ingests[i] = launch(w.t, w.env(), append([]string{"ingest", "--metrics", w.metrics[i]}, w.flags()...)...)
		w.await("an ingest", func() bool { return strings.Contains(w.ingests[i].out.String(), "Counting topic") })
	}
}

func (w *badWorlds) stopIngests() {
	w.t.Helper()
	for _, p := range w.ingests {
		p.interrupt()
	}
}

func (w *badWorlds) startServe() {
	w.t.Helper()
	w.serve = &serving{t: w.t, night: w.night, http: unused(w.t)}
	w.serve.program = launch(w.t, w.env(), append([]string{"serve", "--addr", w.serve.http}, w.flags()...)...)
}

func (w *badWorlds) await(what string, holds func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			ready := []byte("not started")
			if w.serve != nil {
				_, ready = w.serve.get("/readyz")
			}
			require.FailNow(w.t, "no "+what, "readyz: %s", ready)
		}
	}
}

func (w *badWorlds) produce(n int) {
	w.t.Helper()
	p := newProducers(w.t, w.kafka)
	for range n {
		p.send(context.Background(), w.shop.next())
	}
	p.flush(w.t)
}

// frame is the newest.
func (w *badWorlds) frame() (f struct {
	wireFrame
	Incomplete []struct {
		Partition int32
		Reason    string
	}
}) {
	_, body := w.serve.get("/api/v1/frame")
	_ = json.Unmarshal(body, &f)
	return f
}

// atEnd waits for a frame of all that the topic holds, that nothing is missing from.
func (w *badWorlds) atEnd() {
	w.t.Helper()
	want := ends(w.t, w.kafka)
	w.await("frame of all that the topic holds", func() bool {
		f := w.frame()
		for p, end := range want {
			if f.Positions[strconv.Itoa(int(p))] != end {
				return false
			}
		}
		status, body := w.serve.get("/readyz")
		return len(f.Incomplete) == 0 && status == http.StatusOK && strings.Contains(string(body), `"warnings":[]`)
	})
	w.counted = w.stored()
}

// stored is what the store holds of orders, rejects, and progress.
func (w *badWorlds) stored() string {
	return string(w.store.ask("SELECT (SELECT count() FROM festival.orders FINAL), (SELECT count() FROM festival.rejects FINAL)", nil))
}

// stopped waits until partitions have stopped for a reason, in the frame, in /readyz with its status, and in the metrics of serve and ingest.
func (w *badWorlds) stopped(n, status int, reason string) {
	w.t.Helper()
	w.await(fmt.Sprintf("%d partitions that say %q", n, reason), func() bool {
		f := w.frame()
		said, body := w.serve.get("/readyz")
		for _, gap := range f.Incomplete {
			if !strings.Contains(gap.Reason, "stopped: ") || !strings.Contains(gap.Reason, reason) ||
				!strings.Contains(string(body), fmt.Sprintf("partition %d: stopped: ", gap.Partition)) {
				return false
			}
		}
		return len(f.Incomplete) == n && said == status && strings.Count(string(body), reason) == n
	})
	w.await("the metrics", func() bool {
		sum := 0
		for i, p := range w.ingests {
			if _, page := page(w.metrics[i]); p.running() {
				sum += len(regexp.MustCompile(`(?m)^festival_ingest_stopped\{partition="\d+"\} 1$`).FindAllString(page, -1))
			}
		}
		_, page := page(w.serve.http)
		return sum == n && strings.Contains(page, fmt.Sprintf("festival_query_incomplete_partitions %d\n", n))
	})
}

func (p *program) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

func page(addr string) (int, string) {
	req, err := http.NewRequest(http.MethodGet, "http://"+addr+"/metrics", nil)
	if err != nil {
		return 0, ""
	}
	status, body := ask(req)
	return status, string(body)
}

// retention: the log's start passes what was counted while no ingest runs. The sentence holds the command.
func (w *badWorlds) retention() {
	w.stopIngests()
	w.produce(600)
	at := ends(w.t, w.kafka)[1] - 20
	require.NoError(w.t, w.cluster.DeleteRecords(context.Background(), "orders", 1, at))
	w.startIngests()
	w.stopped(1, http.StatusOK, "offset lost to retention")
	command := regexp.MustCompile("`festival (ledger accept-gap --partition 1 --from \\d+ --to \\d+) --config FILE --by NAME --reason WHY`").FindStringSubmatch(w.frame().Incomplete[0].Reason)
	require.NotNil(w.t, command, w.frame().Incomplete[0].Reason)
	args := append(strings.Fields(command[1]), "--by", "Ann", "--reason", "retention was 1 h", "--yes")
	w.run(exitDone, "Signed off.", append(args, w.place()...)...)
	w.atEnd()
	w.run(exitDone, "accepted gap: partition 1", append([]string{"verify"}, w.place()...)...)
}

// partitionsAdded: keys have moved. A rebalance after it changes nothing, and nobody joins.
func (w *badWorlds) partitionsAdded() {
	require.NoError(w.t, w.cluster.AddPartitions(context.Background(), "orders", 5))
	w.stopped(4, http.StatusServiceUnavailable, "partition count changed")
	w.produce(300)
	w.ingests[0].interrupt()
	w.stopped(4, http.StatusServiceUnavailable, "partition count changed")
	require.True(w.t, w.ingests[1].running(), "the other ingest has every partition: %s", w.ingests[1].out)
	w.run(exitUsage, "partitions", append([]string{"ingest", "--metrics", unused(w.t)}, w.flags()...)...)
	w.ingests[1].interrupt()
	require.Equal(w.t, w.counted, w.stored())
	w.anew()
}

// topicRecreated: another log of the same name, longer than what was counted.
func (w *badWorlds) topicRecreated() {
	ctx := context.Background()
	require.NoError(w.t, w.cluster.DeleteTopic(ctx, "orders"))
	require.NoError(w.t, w.cluster.CreateTopic(ctx, "orders", 5, 1, nil))
	w.produce(6000)
	w.stopped(5, http.StatusServiceUnavailable, "log replaced")
	w.stopIngests()
	require.Equal(w.t, w.counted, w.stored())
	w.anew()
	w.run(exitDone, "", append([]string{"verify"}, w.place()...)...)
}

// anotherCluster: the address is that of other brokers, which have a topic of the same name and form.
func (w *badWorlds) anotherCluster() {
	require.NoError(w.t, w.cluster.Kill(1))
	_, port, err := net.SplitHostPort(w.kafka)
	require.NoError(w.t, err)
	n, err := strconv.Atoi(port)
	require.NoError(w.t, err)
	var other *kfake.Cluster
	w.await("the address", func() bool {
		other, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(n), kfake.SeedTopics(5, "orders"), kfake.ClusterID("another"))
		return err == nil
	})
	w.t.Cleanup(other.Close)
	w.produce(9000)
	w.stopped(5, http.StatusServiceUnavailable, "cluster changed")
	w.run(exitUsage, "another", append([]string{"ingest", "--metrics", unused(w.t)}, w.flags()...)...)
	require.Equal(w.t, w.counted, w.stored())
}

// anew opens another ledger on the log as it is, and counts.
func (w *badWorlds) anew() {
	w.t.Helper()
	w.serve.interrupt()
	w.run(exitDone, "Opened ledger", append([]string{"ledger", "new"}, w.place()...)...)
	w.startIngests()
	w.startServe()
	w.atEnd()
}

// place are the flags of commands that speak to the store.
func (w *badWorlds) place() []string {
	return []string{"--config", w.config(), "--brokers", w.kafka, "--dsn", "http://default@" + w.store.addr}
}

// run runs a command to its end.
func (w *badWorlds) run(code int, says string, args ...string) {
	w.t.Helper()
	out, got := resultWith(w.t, w.env(), args...)
	require.Equal(w.t, code, got, "%s", out)
	require.Contains(w.t, out, says)
}
