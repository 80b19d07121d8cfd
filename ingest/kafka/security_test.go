package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"testing"
	"time"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
	kgosasl "github.com/twmb/franz-go/pkg/sasl"
	kgoplain "github.com/twmb/franz-go/pkg/sasl/plain"
	kgoscram "github.com/twmb/franz-go/pkg/sasl/scram"

	"festival/ingest/kafka/kafkatest"
)

// door is a listener of the real broker, and what opens it.
type door struct {
	listener  kafkatest.Listener
	mechanism string // "" is none
}

func (d door) tls() bool { return d.listener != kafkatest.SASL }

func (d door) String() string { return string(d.listener) + " " + d.mechanism }

// config goes through the door with a password.
func (d door) config(t *testing.T, cfg Config, password string) Config {
	t.Helper()
	c := oneNode.Get(t)
	cfg.Brokers, cfg.DialTimeout = c.Addrs(d.listener), time.Minute // Java's first handshakes take seconds on a busy machine
	if d.tls() {
		var err error
		cfg.TLS, err = c.ClientTLS(d.listener == kafkatest.MutualTLS)
		require.NoError(t, err)
	}
	cfg.SASL = goMechanism(t, d.mechanism, password)
	return cfg
}

func goMechanism(t *testing.T, name, password string) (m sasl.Mechanism) {
	t.Helper()
	var err error
	switch name {
	case "PLAIN":
		m = plain.Mechanism{Username: user, Password: password}
	case "SCRAM-SHA-256":
		m, err = scram.Mechanism(scram.SHA256, user, password)
	case "SCRAM-SHA-512":
		m, err = scram.Mechanism(scram.SHA512, user, password)
	}
	require.NoError(t, err)
	return m
}

// kgo is the same door for franz-go, which verify reads with.
func (d door) kgo(cfg Config) []kgo.Opt {
	var out []kgo.Opt
	if cfg.TLS != nil {
		out = append(out, kgo.DialTLSConfig(cfg.TLS))
	}
	var m kgosasl.Mechanism
	switch auth := (kgoscram.Auth{User: user, Pass: password}); d.mechanism {
	case "PLAIN":
		m = kgoplain.Auth{User: user, Pass: password}.AsMechanism()
	case "SCRAM-SHA-256":
		m = auth.AsSha256Mechanism()
	case "SCRAM-SHA-512":
		m = auth.AsSha512Mechanism()
	default:
		return out
	}
	return append(out, kgo.SASL(m))
}

var doors = []door{
	{kafkatest.TLS, ""}, {kafkatest.MutualTLS, ""}, {kafkatest.SASL, "SCRAM-SHA-512"},
	{kafkatest.SASLTLS, "PLAIN"}, {kafkatest.SASLTLS, "SCRAM-SHA-256"}, {kafkatest.SASLTLS, "SCRAM-SHA-512"},
}

// TestDoorsOfRealKafka goes every way through each: admin, produce, offsets, fetch, group, and franz-go.
func TestDoorsOfRealKafka(t *testing.T) {
	for _, d := range doors {
		t.Run(d.String(), func(t *testing.T) {
			cfg := d.config(t, realTopic(t, 1, nil), password)
			cfg.SessionTimeout, cfg.Heartbeat = 6*time.Second, 50*time.Millisecond
			produceOurs(t, cfg, LZ4)
			c := newClient(t, cfg)
			_, err := c.EnsureTopic(within(t), nil)
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(within(t))
			err = c.Run(ctx, 1, func(ctx context.Context, g *Generation) error {
				assert.Equal(t, []int32{0}, g.Partitions)
				r := newReader(t, c, 0)
				assert.Len(t, readTo(t, r, 0), records)
				assert.NoError(t, c.CheckTail(ctx, 0, r.Tail()))
				assert.NoError(t, g.Commit(map[int32]int64{0: r.Position()}))
				cancel()
				return nil
			}, nil)
			require.NoError(t, err)
			other := newKgo(t, cfg, append(d.kgo(cfg), kgo.ConsumeTopics(cfg.Topic))...)
			for n := 0; n < records; {
				fetched := other.PollFetches(within(t))
				require.NoError(t, fetched.Err())
				n += fetched.NumRecords()
			}
		})
	}
}

// TestClosedDoors: what is wrong is one sentence that says what to mend, at once, without the password.
func TestClosedDoors(t *testing.T) {
	topic := realTopic(t, 1, nil)
	const wrong = "wrong-horse-9921"
	strange := func(d door) Config {
		cfg := d.config(t, topic, password)
		cfg.TLS = &tls.Config{MinVersion: tls.VersionTLS12} // the system's authorities do not know this one
		return cfg
	}
	noCertificate := door{kafkatest.MutualTLS, ""}.config(t, topic, "")
	noCertificate.TLS.Certificates = nil
	otherName := door{kafkatest.TLS, ""}.config(t, topic, "")
	otherName.TLS.ServerName = "kafka.example"
	for name, tc := range map[string]struct {
		cfg  Config
		want []string
	}{
		"PLAIN, wrong password":         {door{kafkatest.SASLTLS, "PLAIN"}.config(t, topic, wrong), []string{"kafka.sasl.user", "password"}},
		"SCRAM-SHA-512, wrong password": {door{kafkatest.SASL, "SCRAM-SHA-512"}.config(t, topic, wrong), []string{"kafka.sasl.user", "password"}},
		"unknown authority":             {strange(door{kafkatest.TLS, ""}), []string{"kafka.tls.ca"}},
		"other name":                    {otherName, []string{"kafka.tls.server_name"}},
		"no client certificate":         {noCertificate, []string{"kafka.tls.cert"}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.cfg.RequestTimeout = time.Minute
			client := newClient(t, tc.cfg)
			for what, ask := range map[string]func() error{
				"identity": func() error { _, err := client.Identity(within(t)); return err },
				"fetch":    func() error { _, err := newReader(t, client, 0).Fetch(within(t), 0); return err },
				"offsets":  func() error { _, err := client.Offsets(within(t), []int32{0}); return err },
				"group": func() (err error) {
					ctx, cancel := context.WithCancel(within(t))
					_ = client.Run(ctx, 1, nil, func(e error) { err = e; cancel() })
					return err
				},
			} {
				err := ask()
				t.Logf("%s: %v", what, err)
				assert.ErrorIs(t, err, ErrRefused, what)
				assert.False(t, Retryable(err), what)
				for _, word := range tc.want {
					assert.ErrorContains(t, err, word, what)
				}
				assert.NotContains(t, errors.Join(err).Error(), wrong)
				assert.NotContains(t, errors.Join(err).Error(), password)
			}
		})
	}
}

// TestWrongDoors: a port that speaks otherwise than we closes the connection without a word. The sentence names the settings that are
// the likely cause; since a broker that goes down looks the same, it may be tried again.
func TestWrongDoors(t *testing.T) {
	topic := realTopic(t, 1, nil)
	plaintext := door{kafkatest.Plaintext, ""}
	for name, tc := range map[string]struct {
		with door
		to   kafkatest.Listener
		want []string
	}{
		"TLS to plain text":           {door{kafkatest.TLS, ""}, kafkatest.Plaintext, []string{"speaks no TLS", "kafka.tls"}},
		"TLS to SASL":                 {door{kafkatest.TLS, ""}, kafkatest.SASL, []string{"speaks no TLS", "kafka.tls"}},
		"plain text to TLS":           {plaintext, kafkatest.TLS, []string{"speaks TLS and we do not", "kafka.tls"}},
		"plain text to SASL":          {plaintext, kafkatest.SASL, []string{"wants a login", "kafka.sasl"}},
		"TLS to SASL over TLS":        {door{kafkatest.TLS, ""}, kafkatest.SASLTLS, []string{"wants a login", "kafka.sasl"}},
		"SASL to SASL over TLS":       {door{kafkatest.SASL, "PLAIN"}, kafkatest.SASLTLS, []string{"speaks TLS and we do not", "kafka.tls"}},
		"plain text to SASL over TLS": {plaintext, kafkatest.SASLTLS, []string{"speaks TLS and we do not", "kafka.tls"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := tc.with.config(t, topic, password)
			if tc.with == plaintext {
				cfg.TLS = nil
			}
			cfg.Brokers = oneNode.Get(t).Addrs(tc.to)
			client := newClient(t, cfg)
			_, err := client.Identity(within(t))
			t.Log(err)
			assert.NotErrorIs(t, err, ErrRefused)
			assert.True(t, Retryable(err))
			for _, word := range tc.want {
				assert.ErrorContains(t, err, word)
			}
			assert.NotContains(t, errors.Join(err).Error(), password)
		})
	}
}
