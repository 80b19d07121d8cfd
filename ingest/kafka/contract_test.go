package kafka

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go/protocol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// heldAgainst is the kafka-go whose behaviour the tests in this file were held against. RawExchanger is documented for SASL only:
// with a new version run `make kafka` and all of this package, read the changes of transport.go and protocol/conn.go, then
// raise it.
const heldAgainst = "v0.4.51"

func TestKafkaGoIsPinned(t *testing.T) {
	text, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	found := regexp.MustCompile(`segmentio/kafka-go (v\S+)`).FindSubmatch(text)
	require.NotNil(t, found)
	require.Equal(t, heldAgainst, string(found[1]), "kafka-go was changed: the contract tests name what to look at")
}

// TestContract holds what fetch.go and response.go expect of kafka-go and of a broker.
func TestContract(t *testing.T) {
	t.Run("version", func(t *testing.T) { onBoth(t, contractVersion) })
	t.Run("answer", func(t *testing.T) { onBoth(t, contractAnswer) })
	t.Run("transactions", func(t *testing.T) { onBoth(t, contractTransactions) })
	t.Run("append time", contractAppendTime) // kfake does not know the setting
	t.Run("connection", func(t *testing.T) { onBoth(t, contractConnection) })
	t.Run("deadline", contractDeadline)
	t.Run("old broker", contractOldBroker)
}

// contractVersion: kafka-go tells a RawExchanger the versions it has negotiated, and ours is among those offered.
func contractVersion(t *testing.T, l lab) {
	cfg := l.topic(t, 1, nil)
	res, err := kmsg.NewPtrApiVersionsRequest().RequestWith(within(t), newKgo(t, cfg))
	require.NoError(t, err)
	for _, k := range res.ApiKeys {
		if k.ApiKey == int16(kmsg.Fetch) {
			t.Logf("the broker offers Fetch %d to %d", k.MinVersion, k.MaxVersion)
			require.LessOrEqual(t, k.MinVersion, int16(fetchVersion))
			require.GreaterOrEqual(t, k.MaxVersion, int16(fetchVersion))
		}
	}
	c := newClient(t, cfg)
	_, req := fetchRaw(t, c, 0, 0)
	require.EqualValues(t, fetchVersion, req.version, "negotiated by kafka-go")
}

// contractAnswer: routed to the leader; one byte asked for brings one whole batch; marks and epoch are there.
func contractAnswer(t *testing.T, l lab) {
	cfg := l.topic(t, 1, nil)
	produceOurs(t, cfg, None)
	deleteRecords(t, cfg, 100)
	c := newClient(t, cfg)
	a, req := fetchRaw(t, c, 0, 100)
	_, topic, err := c.metadata(within(t))
	require.NoError(t, err)
	assert.EqualValues(t, leaderOf(topic, 0), req.leader)
	assert.EqualValues(t, records, a.highWatermark)
	assert.EqualValues(t, records, a.stableEnd)
	assert.EqualValues(t, 100, a.logStart)
	assert.Empty(t, a.aborted)
	raw, rest, _, ok := splitBatch(a.records)
	require.True(t, ok)
	assert.Empty(t, rest, "one byte asked for: one batch comes, whole")
	h := readBatch(raw)
	assert.EqualValues(t, 0, h.base, "the offset lies in mid batch")
	assert.EqualValues(t, 500, h.count)
	assert.GreaterOrEqual(t, h.leaderEpoch, int32(0))
	assert.Equal(t, h.crc, h.sum(castagnoli()))
}

// contractTransactions: control batches and aborted data are in the bytes, the list names the aborted, the stable end stands before
// the open one. Real Kafka raises the producer's epoch with each transaction (KIP-890).
func contractTransactions(t *testing.T, l lab) {
	cfg := l.topic(t, 1, nil)
	cl := newKgo(t, cfg, kgo.TransactionalID(cfg.Topic))
	send := func(value string) {
		require.NoError(t, cl.ProduceSync(within(t), &kgo.Record{Value: []byte(value)}).FirstErr())
	}
	for _, end := range []kgo.TransactionEndTry{kgo.TryAbort, kgo.TryCommit} {
		require.NoError(t, cl.BeginTransaction())
		send("data")
		require.NoError(t, cl.EndTransaction(within(t), end))
	}
	require.NoError(t, cl.BeginTransaction())
	send("open")
	defer func() { require.NoError(t, cl.EndTransaction(within(t), kgo.TryAbort)) }()

	c := newClient(t, cfg)
	var a *answer
	await(t, "both markers", func() error {
		if a, _ = fetchRaw(t, c, 0, 0, 1_000_000); a.stableEnd != 4 {
			return errors.New("the stable end is not behind the second marker")
		}
		return nil
	})
	assert.EqualValues(t, 5, a.highWatermark)
	require.Len(t, a.aborted, 1)
	assert.EqualValues(t, 0, a.aborted[0].first)
	var control, abort []bool
	epochs := map[uint16]bool{}
	for rest := a.records; len(rest) > 0; {
		raw, next, _, ok := splitBatch(rest)
		require.True(t, ok)
		h := readBatch(raw)
		control, abort = append(control, h.is(controlBatch)), append(abort, h.is(controlBatch) && isAbortMarker(h.payload()))
		require.True(t, h.is(transactional))
		require.Equal(t, a.aborted[0].producer, h.producer)
		epochs[binary.BigEndian.Uint16(raw[51:])] = true
		rest = next
	}
	assert.Equal(t, []bool{false, true, false, true}, control)
	assert.Equal(t, []bool{false, true, false, false}, abort)
	if l.name == "kafka" {
		assert.Greater(t, len(epochs), 1, "transactions v2")
	}
	got := readTo(t, newReader(t, c, 0), 0)
	require.Len(t, got, 1)
	assert.EqualValues(t, 2, got[0].offset)
}

// contractAppendTime: the topic's own clock stands in the batch.
func contractAppendTime(t *testing.T) {
	cfg := realTopic(t, 1, map[string]string{"message.timestamp.type": "LogAppendTime"})
	before := time.Now().UnixMilli()
	produceOurs(t, cfg, LZ4)
	got := readTo(t, newReader(t, newClient(t, cfg), 0), 0)
	require.Len(t, got, records)
	for _, g := range got {
		require.GreaterOrEqual(t, g.ms, before)
		require.LessOrEqual(t, g.ms, time.Now().UnixMilli())
	}
}

// failing is an exchange that ends with an error after it was given the connection.
type failing struct{ *fetchRequest }

var errExchange = errors.New("the exchange failed")

func (f failing) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	_, _ = f.fetchRequest.RawExchange(rw)
	return nil, errExchange
}

// contractConnection: exchanges share one connection; an error in one closes it, and its text and identity come through.
func contractConnection(t *testing.T, l lab) {
	cfg := l.topic(t, 1, nil)
	produceOurs(t, cfg, None)
	c := newClient(t, cfg)
	var dials, closes atomic.Int64
	inner := c.transport.Dial
	c.transport.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := inner(ctx, network, addr)
		dials.Add(1)
		return &closing{conn, &closes}, err
	}
	fetchRaw(t, c, 0, 0)
	before := dials.Load()
	for range 20 {
		fetchRaw(t, c, 0, 0)
	}
	assert.LessOrEqual(t, dials.Load(), before+1, "one connection for all of them, and perhaps one for metadata")
	err := c.roundTrip(within(t), time.Minute, failing{newFetchRequest(&c.cfg, 0, 0, 1, nil)})
	require.ErrorIs(t, err, errExchange)
	await(t, "the connection to be closed", func() error {
		if closes.Load() == 0 {
			return errors.New("kafka-go keeps a connection whose exchange failed")
		}
		return nil
	})
	fetchRaw(t, c, 0, 0) // over another one
}

type closing struct {
	net.Conn
	n *atomic.Int64
}

func (c *closing) Close() error {
	c.n.Add(1)
	return c.Conn.Close()
}

// contractDeadline: a broker that takes the request and never answers holds us no longer than the deadline.
func contractDeadline(t *testing.T) {
	cluster, cfg := newCluster(t, 1)
	release := make(chan struct{})
	cluster.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.SleepControl(func() { <-release })
		return nil, nil, false
	})
	defer close(release)
	c := newClient(t, cfg)
	ctx, cancel := context.WithTimeout(within(t), 100*time.Millisecond)
	defer cancel()
	_, err := c.transport.RoundTrip(ctx, c.addr, newFetchRequest(&c.cfg, 0, 0, 1, nil))
	require.True(t, errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded), "%v", err) // the connection's, or the context's
}

// contractOldBroker: Fetch 10 is refused with a sentence, before anything is sent.
func contractOldBroker(t *testing.T) {
	versions := kversion.Stable()
	versions.SetMaxKeyVersion(int16(kmsg.Fetch), 10)
	_, cfg := newCluster(t, 1, kfake.MaxVersions(versions))
	_, err := newReader(t, newClient(t, cfg), 0).Fetch(within(t), 0)
	require.ErrorIs(t, err, ErrVersion)
	require.False(t, Retryable(err))
	t.Log(err)
}

// fetchRaw makes one exchange, of one byte where no bound is given, and parses its answer. What may be tried again is: a new client
// does not know a new topic at once.
func fetchRaw(t *testing.T, c *Client, partition int32, offset int64, maxBytes ...int32) (*answer, *fetchRequest) {
	t.Helper()
	var req *fetchRequest
	await(t, "a fetch", func() error {
		req = newFetchRequest(&c.cfg, partition, offset, append(maxBytes, 1)[0], nil)
		err := c.roundTrip(within(t), time.Minute, req) // one that is given up would close the connection
		require.True(t, err == nil || Retryable(err), "%v", err)
		return err
	})
	var a answer
	require.NoError(t, parseAnswer(req.body, &a))
	require.Zero(t, int(a.code))
	return &a, req
}
