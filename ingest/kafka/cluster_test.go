package kafka

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestLeaderMoves moves the partition between three brokers while one client writes and reads it.
func TestLeaderMoves(t *testing.T) {
	cluster, cfg := newCluster(t, 1, kfake.NumBrokers(3))
	c := newClient(t, cfg)
	p, err := c.NewProducer(within(t))
	require.NoError(t, err)
	e, err := NewEncoder(LZ4)
	require.NoError(t, err)
	r := newReader(t, c, 0)
	leaders := map[int]bool{}
	var got []string
	for round := range 6 {
		require.NoError(t, cluster.MoveTopicPartition(topic, 0, int32(round%3)))
		e.Reset()
		for i := range 100 {
			e.Append(order(round*100 + i))
		}
		_, err = p.Send(within(t), 0, e)
		require.NoError(t, err)
		for len(got) < (round+1)*100 {
			fetched, err := r.Fetch(within(t), r.Position())
			if err != nil {
				require.True(t, Retryable(err), "%v", err)
				continue
			}
			for r.Next() {
				got = append(got, string(r.Record().Key))
				leaders[int(fetched.Leader)] = true
			}
			require.NoError(t, r.Err())
		}
		require.Eventually(t, func() bool { err = c.CheckTail(within(t), 0, r.Tail()); return err == nil }, patience, 10*time.Millisecond)
		_, err = c.Offsets(within(t), []int32{0})
		require.NoError(t, err)
	}
	assert.Len(t, leaders, 3)
	require.Len(t, got, 600)
	for i, k := range got {
		key, _, _ := order(i)
		require.Equal(t, string(key), k)
	}
}

// TestSlowFirstMetadata: kafka-go gives a metadata answer no longer than MetadataTTL. A broker that takes longer for the first ones is
// waited for all the same, up to RequestTimeout, and no longer.
func TestSlowFirstMetadata(t *testing.T) {
	cluster, cfg := newCluster(t, 1)
	slow := make(chan struct{})
	answer := sync.OnceFunc(func() { close(slow) })
	defer answer()
	cluster.ControlKey(int16(kmsg.Metadata), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		cluster.SleepControl(func() { <-slow })
		return nil, nil, false
	})
	cfg.MetadataTTL, cfg.RequestTimeout = 10*time.Millisecond, 100*time.Millisecond
	_, err := newClient(t, cfg).Identity(within(t))
	require.True(t, timedOut(err), "%v", err)
	cfg.RequestTimeout = patience
	asked := make(chan error, 1)
	c := newClient(t, cfg)
	go func() { _, err := c.Identity(within(t)); asked <- err }()
	select {
	case err := <-asked:
		require.Fail(t, "it gave up", "%v", err)
	case <-time.After(20 * cfg.MetadataTTL): // many times what kafka-go waits
	}
	answer()
	require.NoError(t, <-asked)
}

// TestTLSAndSASL goes every way with TLS and each mechanism: admin, offsets, produce, fetch, group. A wrong password is refused
// (kfake just hangs up).
func TestTLSAndSASL(t *testing.T) {
	certificate, pool := selfSigned(t)
	mechanism := func(name, password string) sasl.Mechanism {
		switch name {
		case "PLAIN":
			return plain.Mechanism{Username: "festival", Password: password}
		case "SCRAM-SHA-256":
			m, err := scram.Mechanism(scram.SHA256, "festival", password)
			require.NoError(t, err)
			return m
		}
		m, err := scram.Mechanism(scram.SHA512, "festival", password)
		require.NoError(t, err)
		return m
	}
	for _, name := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		t.Run(name, func(t *testing.T) {
			_, cfg := newCluster(t, 1, kfake.EnableSASL(), kfake.Superuser(name, "festival", "secret"),
				kfake.TLS(&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}))
			cfg.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
			cfg.SASL = mechanism(name, "secret")
			cfg.SessionTimeout, cfg.Heartbeat = 6*time.Second, 50*time.Millisecond
			produceOurs(t, cfg, LZ4)
			c := newClient(t, cfg)
			ctx, cancel := context.WithCancel(within(t))
			err := c.Run(ctx, 1, func(ctx context.Context, g *Generation) error {
				assert.Equal(t, []int32{0}, g.Partitions)
				r := newReader(t, c, 0)
				assert.Len(t, readTo(t, r, 0), records)
				assert.NoError(t, c.CheckTail(ctx, 0, r.Tail()))
				cancel()
				return nil
			}, nil)
			require.NoError(t, err)

			cfg.SASL = mechanism(name, "wrong")
			_, err = newClient(t, cfg).Identity(within(t))
			require.Error(t, err)
			t.Log(err, Retryable(err))
		})
	}
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
