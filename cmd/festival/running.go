package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// running is DIR/running.json: where a demo on this data directory answers, for the tools that speak to it. It means
// something only while the directory's lock is held.
type running struct {
	PID   int    `json:"pid"`
	HTTP  string `json:"http"`
	Kafka string `json:"kafka"`
}

func (d *demoCmd) writeRunning() error {
	text, err := json.Marshal(running{PID: os.Getpid(), HTTP: d.Addr, Kafka: d.KafkaAddr})
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(d.Data, "running.json"), text)
}

// runningBroker is where the broker of the demo on a data directory listens; otherwise is the configuration's.
func runningBroker(dir string, otherwise []string) []string {
	var r running
	text, err := os.ReadFile(filepath.Join(dir, "running.json"))
	if err != nil || json.Unmarshal(text, &r) != nil || r.Kafka == "" {
		return otherwise
	}
	return []string{r.Kafka}
}
