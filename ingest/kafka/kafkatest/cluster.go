package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"
)

// Cluster is one to three running nodes, 1 and up. Its methods are safe for concurrent use. Close it.
type Cluster struct {
	cfg      Config
	javaPath string
	lib      string
	dir      string
	id       string
	nodes    []*node
	secrets  Secrets
	client   *kgo.Client
	admin    *kadm.Client
	logging  sync.Mutex
	closing  sync.Once
	closed   error
}

const (
	// attempts at free ports: somebody may take one between asking and using it.
	attempts = 3
	// askTimeout of a helper's request to one node, which may be paused: then another is asked.
	askTimeout = 5 * time.Second
)

// Start runs a cluster and waits until every node serves. ctx bounds the start only; the nodes run until Close, or until this process
// ends. The error wraps ErrMissing where Java or the jars are not there; else it has the end of the node's log.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("kafkatest: %w", err)
	}
	for try := 1; ; try++ {
		c, err := begin(ctx, cfg.withDefaults())
		if err == nil {
			return c, nil
		}
		if try == attempts || !errors.Is(err, errPort) {
			return nil, fmt.Errorf("kafkatest: %w", err)
		}
	}
}

func begin(ctx context.Context, cfg Config) (*Cluster, error) {
	c := &Cluster{cfg: cfg, dir: cfg.Dir}
	var err error
	if c.javaPath, c.lib, err = cfg.find(); err != nil {
		return nil, err
	}
	if c.dir == "" {
		if c.dir, err = os.MkdirTemp("", "festival-kafka-"); err != nil {
			return nil, err
		}
	}
	if err := c.open(ctx); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// open prepares the directory and starts all nodes at once: a majority is needed before the first one serves.
func (c *Cluster) open(ctx context.Context) error {
	if err := c.prepare(ctx); err != nil {
		return err
	}
	starts, together := errgroup.WithContext(ctx)
	for _, n := range c.nodes {
		starts.Go(func() error { return c.start(together, n) })
	}
	if err := starts.Wait(); err != nil {
		return err
	}
	var err error
	c.client, err = kgo.NewClient(kgo.SeedBrokers(c.Addrs(Plaintext)...), kgo.ClientID("kafkatest"),
		kgo.MetadataMinAge(20*time.Millisecond), kgo.RequestTimeoutOverhead(askTimeout), kgo.DialTimeout(askTimeout))
	if err != nil {
		return err
	}
	c.admin = kadm.NewClient(c.client)
	return c.addUsers(ctx)
}

func (c *Cluster) prepare(ctx context.Context) error {
	names := append(c.cfg.listeners(), controllerListener)
	ports, err := freePorts(c.cfg.Nodes * len(names))
	if err != nil {
		return err
	}
	for i := range c.cfg.Nodes {
		n := &node{id: i + 1, dir: filepath.Join(c.dir, "node-"+strconv.Itoa(i+1)), ports: map[Listener]int{}}
		for _, l := range names {
			n.ports[l], ports = ports[0], ports[1:]
		}
		if err := os.MkdirAll(n.dir, 0o755); err != nil {
			return err
		}
		c.nodes = append(c.nodes, n)
	}
	if c.secrets, err = makeSecrets(c.dir); err != nil {
		return fmt.Errorf("certificates: %w", err)
	}
	for _, n := range c.nodes {
		if err := c.writeSettings(n); err != nil {
			return err
		}
	}
	return c.format(ctx)
}

// archive of Kafka's loaded classes, which `make kafka` keeps beside the jars: a node starts in half the time (2.1 s of CPU instead of
// 3.4). Java checks that it fits the class path and itself, and goes without where it does not.
const archive = "kafka.jsa"

// java gives the flags and the class to run for a node.
func (c *Cluster) java(class string, n *node) []string {
	flags := slices.Clone(c.cfg.JVM)
	if path := filepath.Join(c.lib, archive); exists(path) {
		flags = append(flags, "-Xshare:auto", "-Xlog:cds=off,cds+dynamic=off,class+path=off", "-XX:SharedArchiveFile="+path)
	}
	return append(flags, "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError", "-XX:ErrorFile="+filepath.Join(n.dir, "crash.log"),
		"-Dlog4j2.configurationFile="+filepath.Join(n.dir, "log4j2.properties"), "-cp", filepath.Join(c.lib, "*"), class)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Close kills every node (nothing of a cluster that is thrown away has to be written down), and removes a temporary directory
// unless Config.Keep. A directory that was given stays, as after a crash.
func (c *Cluster) Close() error {
	c.closing.Do(func() {
		if c.client != nil {
			c.client.Close()
		}
		for _, n := range c.nodes {
			n.mu.Lock()
			if n.up() {
				n.run.kill()
			}
			n.mu.Unlock()
		}
		if c.cfg.Dir == "" && !c.cfg.Keep {
			c.closed = os.RemoveAll(c.dir)
		}
	})
	return c.closed
}

// ID of the cluster.
func (c *Cluster) ID() string { return c.id }

// Dir has a directory for each node (node-1 and so on) with data, server.properties and server.log.
func (c *Cluster) Dir() string { return c.dir }

// Nodes are 1 to this.
func (c *Cluster) Nodes() int { return len(c.nodes) }

// Addrs are the nodes' HOST:PORT at a listener, in the order of the nodes, running or not.
func (c *Cluster) Addrs(l Listener) []string {
	var out []string
	for _, n := range c.nodes {
		if _, ok := n.ports[l]; ok {
			out = append(out, n.addr(l))
		}
	}
	return out
}

// Admin for what has no helper here. It belongs to the Cluster.
func (c *Cluster) Admin() *kadm.Client { return c.admin }

// Client of the Cluster, for requests that kadm does not have.
func (c *Cluster) Client() *kgo.Client { return c.client }

// LogTail is the end of a node's log, for reports of failures.
func (c *Cluster) LogTail(id int) string {
	n, err := c.node(id)
	if err != nil || n.run == nil {
		return ""
	}
	return n.run.out.last()
}

func (c *Cluster) say(format string, args ...any) {
	c.logging.Lock()
	defer c.logging.Unlock()
	fmt.Fprintf(c.cfg.Log, "kafka: "+format+"\n", args...)
}

// poll asks until it holds; what is wrong with the last answer goes into the error when ctx ends.
func poll(ctx context.Context, holds func() error) error {
	for {
		err := holds()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
