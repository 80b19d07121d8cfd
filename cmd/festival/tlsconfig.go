package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
)

// TLS is how a server is believed, and how we show who we are. Files are PEM, relative to festival.yaml.
type TLS struct {
	CA         string `yaml:"ca"`   // authorities to believe; default: the system's
	Cert       string `yaml:"cert"` // ours, with key, where the server asks for one
	Key        string `yaml:"key"`
	ServerName string `yaml:"server_name"` // in the server's certificate; default: the host that is dialled
}

// config reads the files; nil gives nil. The error joins every problem, each with its setting.
func (t *TLS) config(section string, path func(string) string) (*tls.Config, error) {
	if t == nil {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	var problems []error
	if t.CA != "" {
		pool, err := readAuthorities(path(t.CA))
		if err != nil {
			problems = append(problems, fmt.Errorf("%s.ca: %w", section, err))
		}
		c.RootCAs = pool
	}
	switch {
	case (t.Cert == "") != (t.Key == ""):
		problems = append(problems, fmt.Errorf("%s needs cert and key together: give both, or neither", section))
	case t.Cert != "":
		pair, err := tls.LoadX509KeyPair(path(t.Cert), path(t.Key))
		if err != nil {
			problems = append(problems, fmt.Errorf("%s.cert %s, %s.key %s: %w", section, t.Cert, section, t.Key, err))
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, errors.Join(problems...)
}

func readAuthorities(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate: give a PEM file (-----BEGIN CERTIFICATE-----)", path)
	}
	return pool, nil
}

// secretOf gives a password of a variable or of a file's first line; nothing where neither is given. No error shows it.
func (c *Config) secretOf(setting string, given secret, file string) (string, error) {
	if given != "" || file == "" {
		return string(given), nil
	}
	text, err := os.ReadFile(c.path(file))
	if err != nil {
		return "", fmt.Errorf("%s_file: %w", setting, err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	if password == "" || strings.ContainsAny(password, "\r\n\x00") {
		return "", fmt.Errorf("%s_file %s: want one line that is not empty", setting, file)
	}
	return password, nil
}
