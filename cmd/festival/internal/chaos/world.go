package chaos

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/template"
	"time"

	"festival/ingest/kafka/kafkatest"
	"festival/sql/engine"
)

//go:embed festival.yaml
var festivalYAML string

// world is everything that runs: brokers, store, the way to it, ingests and serves.
type world struct {
	cfg     Config
	dir     string
	begun   time.Time // of the festival's clock
	config  string    // path of festival.yaml
	kafka   *kafkatest.Cluster
	store   *process
	disk    *disk // nil where none could be mounted
	direct  string
	token   string
	proxy   *proxy
	ingests []*process
	serves  []*process
	addrs   []string // of the serves
	ports   []string // addresses that are not given out yet

	held map[resource]*sync.Mutex // a fault keeps its resource while it lasts
}

// setUp starts brokers and store side by side, then ingests, then serves.
func setUp(ctx context.Context, cfg Config, dir string) (w *world, err error) {
	w = &world{cfg: cfg, dir: dir, begun: time.Now(), held: map[resource]*sync.Mutex{}}
	if w.ports, err = freeAddrs(cfg.Lane, 1+maxIngests+serves); err != nil {
		return w, err
	}
	for _, r := range []resource{onIngest, onServe, onStore, onBroker, onClock} {
		w.held[r] = &sync.Mutex{}
	}
	started := make(chan error, 1)
	go func() { started <- w.startKafka(ctx) }()
	err = errors.Join(w.startStore(ctx), <-started)
	if err == nil {
		err = w.startFestival(ctx)
	}
	return w, err
}

func (w *world) startKafka(ctx context.Context) (err error) {
	w.kafka, err = kafkatest.Start(ctx, kafkatest.Config{Nodes: nodes, Dir: filepath.Join(w.dir, "kafka")})
	if err != nil {
		return err
	}
	return w.kafka.CreateTopic(ctx, topic, partitions, nodes, map[string]string{"min.insync.replicas": "2"})
}

func (w *world) startStore(ctx context.Context) (err error) {
	data := filepath.Join(w.dir, "store")
	w.disk = mountDisk(data)
	w.direct = w.addr()
	w.store = w.process("store", "store", "--data", data, "--addr", w.direct)
	if err := w.store.start(); err != nil {
		return err
	}
	err = await(ctx, time.Minute, "the store", func() (bool, error) {
		token, err := os.ReadFile(filepath.Join(data, "token"))
		w.token = strings.TrimSpace(string(token))
		if err == nil {
			_, err = w.ask(ctx, "SELECT 1")
		}
		return err == nil, err
	})
	if err != nil {
		return fmt.Errorf("%w\n%s", err, w.store.tail())
	}
	w.proxy, err = newProxy(w.direct)
	return err
}

// startFestival writes festival.yaml and starts two ingests and two serves; two more ingests join in a fault.
func (w *world) startFestival(ctx context.Context) error {
	if err := w.writeConfig(); err != nil {
		return err
	}
	for i := range maxIngests {
		name := fmt.Sprintf("ingest-%d", i)
		w.ingests = append(w.ingests, w.process(name, "ingest", "--config", w.config, "--metrics", w.addr()))
	}
	if err := errors.Join(w.ingests[0].start(), w.ingests[1].start()); err != nil {
		return err
	}
	if err := w.awaitLedger(ctx); err != nil {
		return err
	}
	for i := range serves {
		name, addr := fmt.Sprintf("serve-%d", i), w.addr()
		w.addrs = append(w.addrs, addr)
		w.serves = append(w.serves, w.process(name, "serve", "--config", w.config, "--addr", addr))
		if err := w.serves[i].start(); err != nil {
			return err
		}
	}
	return w.awaitFrames(ctx)
}

func (w *world) awaitLedger(ctx context.Context) error {
	err := await(ctx, 2*time.Minute, "a ledger", func() (bool, error) {
		text, err := w.ask(ctx, "SELECT count() > 0 FROM festival.ledgers")
		return err == nil && strings.TrimSpace(text) == "1", err
	})
	if err != nil {
		return fmt.Errorf("%w\n%s", err, w.ingests[0].tail())
	}
	return nil
}

func (w *world) awaitFrames(ctx context.Context) error {
	for i, addr := range w.addrs {
		err := await(ctx, 2*time.Minute, w.serves[i].name, func() (bool, error) {
			_, err := get(ctx, "http://"+addr+"/readyz")
			return err == nil, err
		})
		if err != nil {
			return fmt.Errorf("%w\n%s", err, w.serves[i].tail())
		}
	}
	return nil
}

func (w *world) process(name string, args ...string) *process {
	return &process{name: name, program: w.cfg.Program, args: args, clock: w.clockFile(name), log: filepath.Join(w.dir, name+".log")}
}

func (w *world) clockFile(process string) string { return filepath.Join(w.dir, "clock-"+process) }

// writeConfig gives the festival two windows: an eve that ends 20 s from now, and a day that begins 10 s later.
func (w *world) writeConfig() error {
	stamp := func(d time.Duration) string { return w.begun.Add(d).Truncate(time.Second).Format(time.RFC3339) }
	var text bytes.Buffer
	err := template.Must(template.New("").Parse(festivalYAML)).Execute(&text, map[string]any{
		"Eve": stamp(-time.Hour), "EveEnd": stamp(20 * time.Second), "Day": stamp(30 * time.Second), "DayEnd": stamp(24 * time.Hour),
		"Brokers": w.kafka.Addrs(kafkatest.Plaintext), "DSN": engine.DSN(w.proxy.addr(), w.token, "")})
	if err != nil {
		return err
	}
	w.config = filepath.Join(w.dir, "festival.yaml")
	return os.WriteFile(w.config, text.Bytes(), 0o600)
}

// processes are all children but the brokers.
func (w *world) processes() []*process {
	all := append([]*process{}, w.serves...)
	all = append(all, w.ingests...)
	if w.store != nil {
		all = append(all, w.store)
	}
	return all
}

// tearDown ends everything, last first. keep leaves the store where it was, else it is gone with its disk.
func (w *world) tearDown(keep bool) error {
	for _, p := range w.processes() {
		p.kill()
	}
	if w.proxy != nil {
		w.proxy.close()
	}
	var err error
	if w.kafka != nil {
		err = w.kafka.Close()
	}
	switch {
	case w.disk != nil && keep:
		err = errors.Join(err, w.disk.leave())
	case w.disk != nil:
		err = errors.Join(err, w.disk.unmount())
	}
	return err
}
