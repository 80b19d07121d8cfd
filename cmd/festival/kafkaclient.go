package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
	"github.com/twmb/franz-go/pkg/kgo"
	kgosasl "github.com/twmb/franz-go/pkg/sasl"
	kgoplain "github.com/twmb/franz-go/pkg/sasl/plain"
	kgoscram "github.com/twmb/franz-go/pkg/sasl/scram"

	"festival/ingest/kafka"
)

// SASL is how we show the brokers who we are. The password comes from a file or from FESTIVAL_KAFKA_SASL_PASSWORD,
// never from festival.yaml or a flag.
type SASL struct {
	Mechanism    string `yaml:"mechanism"`
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	Password     secret `yaml:"-" env:"PASSWORD"`
}

// mechanisms are those that both clients know.
var mechanisms = []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}

func (v *validator) checkSASL() error {
	s := v.Kafka.SASL
	if s == nil {
		return nil
	}
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if !slices.Contains(mechanisms, s.Mechanism) {
		bad("kafka.sasl.mechanism %q: one of %s", s.Mechanism, strings.Join(mechanisms, ", "))
	}
	if s.User == "" {
		bad("kafka.sasl.user is missing")
	}
	password, err := v.secretOf("kafka.sasl.password", s.Password, s.PasswordFile)
	if err != nil {
		problems = append(problems, err)
	} else if password == "" {
		bad("kafka.sasl has no password: give kafka.sasl.password_file, or the variable FESTIVAL_KAFKA_SASL_PASSWORD")
	}
	if s.Mechanism == "PLAIN" && v.Kafka.TLS == nil && !allLoopback(v.Kafka.Brokers) {
		bad("kafka.sasl.mechanism PLAIN without kafka.tls sends the password readable to %s: add kafka.tls, or use SCRAM-SHA-512", strings.Join(v.Kafka.Brokers, ","))
	}
	return errors.Join(problems...)
}

func allLoopback(addrs []string) bool {
	return !slices.ContainsFunc(addrs, func(a string) bool { return !loopback(a) })
}

// kafkaConfig is that of every client of the configured brokers.
func (c *Config) kafkaConfig() (kafka.Config, error) {
	k := kafka.DefaultConfig()
	k.Brokers, k.Topic, k.Partitions, k.Group, k.Place = c.Kafka.Brokers, c.Kafka.Topic, c.Kafka.Partitions, c.Kafka.Group, c.place()
	if c.Kafka.Replication > 0 {
		k.Replication = c.Kafka.Replication
	}
	if c.Kafka.SessionTimeout > 0 {
		k.SessionTimeout = c.Kafka.SessionTimeout
	}
	var err, err2 error
	k.TLS, err = c.Kafka.TLS.config("kafka.tls", c.path)
	k.SASL, err2 = c.mechanism()
	return k, errors.Join(err, err2)
}

func (c *Config) kafkaClient() (*kafka.Client, error) {
	k, err := c.kafkaConfig()
	if err != nil {
		return nil, asUsage(err)
	}
	client, err := kafka.New(k)
	return client, asUsage(err)
}

// mechanism is kafka-go's.
func (c *Config) mechanism() (sasl.Mechanism, error) {
	s := c.Kafka.SASL
	if s == nil {
		return nil, nil
	}
	password, err := c.secretOf("kafka.sasl.password", s.Password, s.PasswordFile)
	if err != nil {
		return nil, err
	}
	switch s.Mechanism {
	case "SCRAM-SHA-256":
		return scram.Mechanism(scram.SHA256, s.User, password)
	case "SCRAM-SHA-512":
		return scram.Mechanism(scram.SHA512, s.User, password)
	}
	return plain.Mechanism{Username: s.User, Password: password}, nil
}

// kgoOptions are the same settings for franz-go, which verify reads with.
func (c *Config) kgoOptions() ([]kgo.Opt, error) {
	var options []kgo.Opt
	encryption, err := c.Kafka.TLS.config("kafka.tls", c.path)
	if encryption != nil {
		options = append(options, kgo.DialTLSConfig(encryption))
	}
	s := c.Kafka.SASL
	if s == nil || err != nil {
		return options, err
	}
	password, err := c.secretOf("kafka.sasl.password", s.Password, s.PasswordFile)
	if err != nil {
		return nil, err
	}
	return append(options, kgo.SASL(kgoMechanism(s.Mechanism, s.User, password))), nil
}

func kgoMechanism(name, user, password string) kgosasl.Mechanism {
	auth := kgoscram.Auth{User: user, Pass: password}
	switch name {
	case "SCRAM-SHA-256":
		return auth.AsSha256Mechanism()
	case "SCRAM-SHA-512":
		return auth.AsSha512Mechanism()
	}
	return kgoplain.Auth{User: user, Pass: password}.AsMechanism()
}
