package kafkatest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Secrets are the PEM files of a cluster's own authority, made anew at each Start.
type Secrets struct {
	CA             string // certificate of the authority
	ServerKeyStore string // the nodes' key and certificate
	ClientCert     string // of a client that MUTUALTLS lets in
	ClientKey      string
}

// Secrets gives the paths of the certificates.
func (c *Cluster) Secrets() Secrets { return c.secrets }

// ClientTLS trusts the cluster's authority; withCertificate shows the client's own certificate, as MUTUALTLS wants.
func (c *Cluster) ClientTLS(withCertificate bool) (*tls.Config, error) {
	text, err := os.ReadFile(c.secrets.CA)
	if err != nil {
		return nil, err
	}
	cfg := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	cfg.RootCAs.AppendCertsFromPEM(text)
	if withCertificate {
		pair, err := tls.LoadX509KeyPair(c.secrets.ClientCert, c.secrets.ClientKey)
		if err != nil {
			return nil, err
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}

// authority signs certificates that are good for a day.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pem  []byte
}

func makeSecrets(dir string) (Secrets, error) {
	s := Secrets{CA: filepath.Join(dir, "ca.pem"), ServerKeyStore: filepath.Join(dir, "server.pem"),
		ClientCert: filepath.Join(dir, "client.pem"), ClientKey: filepath.Join(dir, "client-key.pem")}
	ca, err := newAuthority()
	if err != nil {
		return s, err
	}
	serverCert, serverKey, err := ca.issue("kafka", x509.ExtKeyUsageServerAuth)
	if err != nil {
		return s, err
	}
	clientCert, clientKey, err := ca.issue("festival", x509.ExtKeyUsageClientAuth)
	if err != nil {
		return s, err
	}
	for path, text := range map[string][]byte{s.CA: ca.pem, s.ServerKeyStore: append(serverKey, serverCert...),
		s.ClientCert: clientCert, s.ClientKey: clientKey} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return s, err
		}
	}
	return s, nil
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	shape := template("kafkatest")
	shape.IsCA, shape.BasicConstraintsValid, shape.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, shape, shape, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &authority{key: key, cert: cert, pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, err
}

func (a *authority) issue(name string, usage x509.ExtKeyUsage) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	shape := template(name)
	shape.ExtKeyUsage, shape.KeyUsage = []x509.ExtKeyUsage{usage}, x509.KeyUsageDigitalSignature
	shape.IPAddresses, shape.DNSNames = []net.IP{net.ParseIP(host)}, []string{"localhost"}
	der, err := x509.CreateCertificate(rand.Reader, shape, a.cert, &private.PublicKey, a.key)
	if err != nil {
		return nil, nil, err
	}
	bytes, err := x509.MarshalPKCS8PrivateKey(private)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bytes}), err
}

func template(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	return &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
}

// addUsers gives SCRAM its users; PLAIN has them from the settings.
func (c *Cluster) addUsers(ctx context.Context) error {
	if !c.cfg.wants(SASL, SASLTLS) {
		return nil
	}
	var all []kadm.UpsertSCRAM
	for name, password := range c.cfg.Users {
		for _, m := range []kadm.ScramMechanism{kadm.ScramSha256, kadm.ScramSha512} {
			all = append(all, kadm.UpsertSCRAM{User: name, Mechanism: m, Iterations: 4096, Password: password})
		}
	}
	for _, one := range all { // a request takes a user once only
		res, err := c.admin.AlterUserSCRAMs(ctx, nil, []kadm.UpsertSCRAM{one})
		if err == nil {
			err = res.Error()
		}
		if err != nil {
			return fmt.Errorf("user %s: %w", one.User, err)
		}
	}
	return nil
}
