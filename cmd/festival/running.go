package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// running is DIR/running.json: where a demo on this data directory answers, for the tools that speak to it. Process
// and addresses mean something only while the directory's lock is held; Config says afterwards too what is counted.
type running struct {
	PID    int    `json:"pid"`
	HTTP   string `json:"http"`
	Kafka  string `json:"kafka"`
	Config string `json:"config,omitempty"` // of a festival that is not the demo's own
}

func (d *demoCmd) writeRunning() error {
	text, err := json.Marshal(running{PID: os.Getpid(), HTTP: d.Addr, Kafka: d.KafkaAddr, Config: d.Config})
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(d.Data, "running.json"), text)
}

// runningBroker is where the broker of the demo on a data directory listens; otherwise is the configuration's.
func runningBroker(dir string, otherwise []string) []string {
	if r := readRunning(dir); r.Kafka != "" {
		return []string{r.Kafka}
	}
	return otherwise
}

// configOf is the configuration that the last demo on a data directory had.
func configOf(dir string) string {
	if r := readRunning(dir); r.Config != "" {
		return r.Config
	}
	return filepath.Join(dir, "festival.yaml")
}

// readRunning is empty where no demo has run.
func readRunning(dir string) (r running) {
	if text, err := os.ReadFile(filepath.Join(dir, "running.json")); err == nil {
		_ = json.Unmarshal(text, &r)
	}
	return r
}
