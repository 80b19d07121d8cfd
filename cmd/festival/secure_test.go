package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/sql/engine/enginetest"
)

// authority is an own certificate authority with a server's and a client's certificate, as PEM files.
type authority struct {
	server        *tls.Config
	ca, cert, key string // files
}

func newAuthority(t *testing.T, dir string) *authority {
	t.Helper()
	a := &authority{ca: filepath.Join(dir, "ca.pem"), cert: filepath.Join(dir, "client.pem"), key: filepath.Join(dir, "client.key")}
	key, root := certificate(t, nil, nil, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, Subject: pkix.Name{CommonName: "ca"}})
	serverKey, server := certificate(t, root, key, &x509.Certificate{DNSNames: []string{"kafka.internal"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	clientKey, client := certificate(t, root, key, &x509.Certificate{Subject: pkix.Name{CommonName: "festival"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	text, err := x509.MarshalPKCS8PrivateKey(clientKey)
	require.NoError(t, err)
	for path, block := range map[string]*pem.Block{a.ca: {Type: "CERTIFICATE", Bytes: root.Raw}, a.cert: {Type: "CERTIFICATE", Bytes: client.Raw}, a.key: {Type: "PRIVATE KEY", Bytes: text}} {
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
	}
	pool := x509.NewCertPool()
	pool.AddCert(root)
	a.server = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{server.Raw}, PrivateKey: serverKey}}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
	return a
}

func certificate(t *testing.T, parent *x509.Certificate, by *ecdsa.PrivateKey, c *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if parent == nil {
		parent, by = c, key
	}
	text, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
	require.NoError(t, err)
	made, err := x509.ParseCertificate(text)
	require.NoError(t, err)
	return key, made
}

// tlsProxy speaks TLS in front of a plain address until the test ends.
func tlsProxy(t *testing.T, to string, c *tls.Config) string {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", c)
	require.NoError(t, err)
	var all sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); all.Wait() })
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { pass(conn, to) })
		}
	})
	return listener.Addr().String()
}

func pass(conn net.Conn, to string) {
	defer conn.Close()
	back, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer back.Close()
	var answers sync.WaitGroup
	answers.Go(func() { _, _ = io.Copy(conn, back); _ = conn.Close() })
	_, _ = io.Copy(back, conn)
	_ = back.Close()
	answers.Wait()
}

// TestSecretsAndTLS: mutual TLS with each SASL mechanism to Kafka, TLS and a password file to ClickHouse, by every command
// that speaks to them; and no password stands anywhere in what they say.
func TestSecretsAndTLS(t *testing.T) {
	t.Parallel()
	const kafkaSecret = "hunter2-of-kafka"
	dir := t.TempDir()
	a := newAuthority(t, dir)
	e := enginetest.Start(t)
	plainServer := a.server.Clone()
	plainServer.ClientAuth = tls.NoClientCert
	store := tlsProxy(t, e.Addr(), plainServer)
	secrets := []string{kafkaSecret, e.Token()}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "store.secret"), []byte(e.Token()+"\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "kafka.secret"), []byte(kafkaSecret+"\n"), 0o600))
	said := &buffer{}
	for i, mechanism := range mechanisms {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "orders"), kfake.EnableSASL(),
			kfake.Superuser(mechanism, "festival", kafkaSecret), kfake.TLS(a.server))
		require.NoError(t, err)
		t.Cleanup(cluster.Close)
		file := filepath.Join(dir, mechanism+".yaml")
		text := strings.Replace(goodYAML, "2026-11-11T00:00:00+08:00, end: 2026-11-12T00:00:00+08:00", "2020-01-01T00:00:00Z, end: 2090-01-01T00:00:00Z", 1)
		text = strings.Replace(text, `kafka: {brokers: ["127.0.0.1:9092"], topic: orders}`, fmt.Sprintf(`kafka:
  brokers: [%q]
  topic: orders
  tls: {ca: ca.pem, cert: client.pem, key: client.key, server_name: kafka.internal}
  sasl: {mechanism: %s, user: festival, password_file: kafka.secret}
clickhouse: {dsn: "https://%s/f%d", password_file: store.secret, tls: {ca: ca.pem}}
`, cluster.ListenAddrs()[0], mechanism, store, i), 1)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		if mechanism != "SCRAM-SHA-512" {
			bothClients(t, said, file)
			continue
		}
		secureNight(t, said, file)
		for _, broken := range []string{"kafka.secret", "store.secret"} { // the wrong password: an error that does not show it
			secrets = append(secrets, "wrong-"+broken)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "wrong"), []byte("wrong-"+broken), 0o600))
			require.NoError(t, os.WriteFile(file, []byte(strings.Replace(text, broken, "wrong", 1)), 0o600))
			begun := time.Now()
			out, code := result(t, "ledger", "new", "--config", file)
			require.Equal(t, exitFailed, code, out)
			t.Log(time.Since(begun), out)
			_, _ = said.Write([]byte(out))
		}
	}
	for _, s := range secrets {
		require.NotContains(t, said.String(), s)
	}
}

// bothClients lets kafka-go write and franz-go ask.
func bothClients(t *testing.T, said *buffer, file string) {
	t.Helper()
	out, code := result(t, "rehearse", "--orders", "10", "--rate", "max", "--config", file)
	require.Equal(t, exitDone, code, out)
	_, _ = said.Write([]byte(out))
	c, err := ReadConfig(file, nil)
	require.NoError(t, err)
	options, err := c.kgoOptions()
	require.NoError(t, err)
	client, err := kgo.NewClient(append(options, kgo.SeedBrokers(c.Kafka.Brokers...))...)
	require.NoError(t, err)
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(t.Context(), "orders")
	require.NoError(t, err)
	n := int64(0)
	ends.Each(func(o kadm.ListedOffset) { n += o.Offset })
	require.Positive(t, n)
}

// secureNight lets every command at a configuration's Kafka and store; said takes what they say.
func secureNight(t *testing.T, said *buffer, file string) {
	t.Helper()
	must := func(args ...string) {
		t.Helper()
		out, code := result(t, append(args, "--config", file)...)
		_, _ = said.Write([]byte(out))
		require.Equal(t, exitDone, code, "%v: %s", args, out)
	}
	must("rehearse", "--check")
	must("rehearse", "--orders", "500", "--rate", "max")
	metrics, addr := unused(t), unused(t)
	ingest := launch(t, nil, "ingest", "--config", file, "--metrics", metrics)
	(&demo{program: ingest, http: metrics}).await("all to be counted", func() bool {
		out, code := result(t, "verify", "--config", file, "--json")
		return code == exitDone && strings.Contains(out, `"kafka"`) && !strings.Contains(out, `"records": 0`)
	})
	serve := &demo{program: launch(t, nil, "serve", "--config", file, "--addr", addr), http: addr}
	serve.await("readiness", func() bool { status, _ := serve.get("/readyz"); return status == http.StatusOK })
	for _, page := range []string{"http://" + metrics + "/metrics", "http://" + addr + "/metrics", "http://" + addr + "/readyz", "http://" + addr + "/api/v1/frame"} {
		req, err := http.NewRequest(http.MethodGet, page, nil)
		require.NoError(t, err)
		status, body := ask(req)
		require.Equal(t, http.StatusOK, status, page)
		_, _ = said.Write(body)
	}
	serve.interrupt()
	ingest.interrupt()
	must("verify")
	must("ledger", "list")
	must("migrate")
	must("export", "orders", "--format", "csv", "--out", filepath.Join(t.TempDir(), "orders.csv"))
	_, _ = said.Write([]byte(ingest.out.String() + serve.out.String()))
}
