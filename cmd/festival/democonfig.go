package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"festival/aggregate"
)

//go:embed demo.yaml
var demoYAML string

// The demo's own festival opens shortly after its first start, so that countdown and opening are seen.
const (
	demoOpensIn = 15 * time.Second
	demoLasts   = 24 * time.Hour
)

// config reads the configuration of a demo: the given one, or the festival of its own in the data directory, which
// the first start makes. Broker and address are always the demo's.
func (d *demoCmd) config(a *app, now time.Time) (*Config, error) {
	path := d.Config
	if path == "" {
		path = filepath.Join(d.Data, "festival.yaml")
		if !exists(path) {
			if err := d.makeFestival(path, now); err != nil {
				return nil, fmt.Errorf("first festival of the demo: %w", err)
			}
		}
	}
	c, err := d.read(a, path)
	return c, both(err, c.Validate(false))
}

// read puts the demo's own broker and addresses over a configuration.
func (d *demoCmd) read(a *app, path string) (*Config, error) {
	c, err := ReadConfig(path, a.environ)
	c.Kafka.Brokers, c.HTTP.Addr = []string{d.KafkaAddr}, d.Addr
	c.ofDemo()
	return c, err
}

// ofDemo makes a configuration one of a data directory, for the tools on it too: broker and store are its own, which
// speak plain text on loopback.
func (c *Config) ofDemo() {
	if c.Kafka.Topic == "" {
		c.Kafka.Topic = "orders"
	}
	c.Kafka.TLS, c.Kafka.SASL, c.demo = nil, nil, true
	c.ClickHouse = ClickHouse{MaxConnections: c.ClickHouse.MaxConnections}
}

// makeFestival writes festival.yaml and its reference curve; the file comes last and whole, so that a start that is
// cut short begins anew.
func (d *demoCmd) makeFestival(path string, now time.Time) error {
	text, err := demoText(now.Add(demoOpensIn), d.KafkaAddr, d.Addr)
	if err != nil {
		return err
	}
	c := newConfig()
	if err := c.decode("demo.yaml", text); err != nil {
		return err
	}
	rules, err := c.Rules(aggregate.DefaultStride)
	if err != nil {
		return err
	}
	if err := d.writeReference(filepath.Join(filepath.Dir(path), "reference.csv"), rules); err != nil {
		return err
	}
	return writeWhole(path, text)
}

// demoText is the demo's festival.yaml with a window from opens on.
func demoText(opens time.Time, kafkaAddr, addr string) ([]byte, error) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return nil, err
	}
	opens = opens.Truncate(time.Second).In(zone)
	var text bytes.Buffer
	err = template.Must(template.New("").Parse(demoYAML)).Execute(&text, map[string]string{
		"Start": opens.Format(time.RFC3339), "End": opens.Add(demoLasts).Format(time.RFC3339),
		"Kafka": kafkaAddr, "HTTP": addr})
	return text.Bytes(), err
}

// demoFestival is the demo's festival without a file.
func demoFestival(opens time.Time, kafkaAddr, addr string) (*Config, error) {
	text, err := demoText(opens, kafkaAddr, addr)
	if err != nil {
		return nil, err
	}
	c := newConfig()
	if err := c.decode("demo.yaml", text); err != nil {
		return nil, err
	}
	c.Festival.Reference = ""
	c.withDefaults()
	return c, nil
}

// exists says whether a file is there, readable or not.
func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// writeWhole writes a file so that it is either there with all its bytes or not at all.
func writeWhole(path string, data []byte) error {
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// waitPort waits a few seconds for an address: the broker of a killed predecessor lets it go only once it has seen
// that its parent is gone.
func waitPort(ctx context.Context, flag, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for {
		err := freePort(flag, addr)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}
