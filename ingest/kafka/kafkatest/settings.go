package kafkatest

import (
	_ "embed"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const controllerListener = "CONTROLLER"

//go:embed log4j2.properties
var log4j2 string

// base are the settings of every node: small, quick to notice a death, and quick to delete what a test wants gone. A killed node may
// register again only when its old session is over, so that is short. Records of any time are kept for ever. Everything is Kafka's own name (documentation, "Broker
// Configs").
func base(nodes int) map[string]string {
	n := strconv.Itoa(nodes)
	return map[string]string{
		"process.roles":                                    "broker,controller",
		"controller.listener.names":                        controllerListener,
		"inter.broker.listener.name":                       string(Plaintext),
		"auto.create.topics.enable":                        "false",
		"default.replication.factor":                       n,
		"offsets.topic.replication.factor":                 n,
		"offsets.topic.num.partitions":                     "4",
		"transaction.state.log.replication.factor":         n,
		"transaction.state.log.min.isr":                    strconv.Itoa(min(2, nodes)),
		"transaction.state.log.num.partitions":             "4",
		"share.coordinator.state.topic.replication.factor": n,
		"share.coordinator.state.topic.min.isr":            "1",
		"share.coordinator.state.topic.num.partitions":     "4",
		"group.initial.rebalance.delay.ms":                 "0",
		"broker.session.timeout.ms":                        "3000",
		"broker.heartbeat.interval.ms":                     "500",
		"replica.lag.time.max.ms":                          "5000",
		"num.network.threads":                              "2",
		"num.io.threads":                                   "4",
		"message.max.bytes":                                "4194304",
		"log.cleaner.dedupe.buffer.size":                   "16777216",
		"log.cleaner.backoff.ms":                           "500",
		"log.retention.ms":                                 "-1",
		"log.retention.check.interval.ms":                  "500",
		"log.initial.task.delay.ms":                        "500",
		"log.segment.delete.delay.ms":                      "500",
		"file.delete.delay.ms":                             "500",
	}
}

// settings of one node, in the form of server.properties.
func (c *Cluster) settings(n *node) string {
	all := base(len(c.nodes))
	all["node.id"] = strconv.Itoa(n.id)
	all["log.dirs"] = n.data()
	var voters, listeners, advertised []string
	for _, other := range c.nodes {
		voters = append(voters, fmt.Sprintf("%d@%s", other.id, other.addr(controllerListener)))
	}
	protocols := []string{controllerListener + ":PLAINTEXT"}
	for _, l := range c.cfg.listeners() {
		at := fmt.Sprintf("%s://%s", l, n.addr(l))
		listeners, advertised = append(listeners, at), append(advertised, at)
		protocols = append(protocols, fmt.Sprintf("%s:%s", l, l.protocol()))
	}
	listeners = append(listeners, fmt.Sprintf("%s://%s", controllerListener, n.addr(controllerListener)))
	all["controller.quorum.voters"] = strings.Join(voters, ",")
	all["listeners"] = strings.Join(listeners, ",")
	all["advertised.listeners"] = strings.Join(advertised, ",")
	all["listener.security.protocol.map"] = strings.Join(protocols, ",")
	c.secure(all)
	maps.Copy(all, c.cfg.Properties)
	var out strings.Builder
	for _, key := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&out, "%s=%s\n", key, all[key])
	}
	return out.String()
}

// secure adds certificates and users to the settings.
func (c *Cluster) secure(all map[string]string) {
	for _, l := range c.cfg.Listeners {
		at := "listener.name." + strings.ToLower(string(l)) + "."
		if l != SASL {
			all[at+"ssl.keystore.type"] = "PEM"
			all[at+"ssl.keystore.location"] = c.secrets.ServerKeyStore
			all[at+"ssl.truststore.type"] = "PEM"
			all[at+"ssl.truststore.location"] = c.secrets.CA
		}
		if l == MutualTLS {
			all[at+"ssl.client.auth"] = "required"
		}
		if l == SASL || l == SASLTLS {
			all[at+"sasl.enabled.mechanisms"] = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"
			all[at+"plain.sasl.jaas.config"] = plainUsers(c.cfg.Users)
			for _, m := range []string{"scram-sha-256", "scram-sha-512"} {
				all[at+m+".sasl.jaas.config"] = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
			}
		}
	}
}

func plainUsers(users map[string]string) string {
	var out strings.Builder
	out.WriteString("org.apache.kafka.common.security.plain.PlainLoginModule required")
	for _, name := range slices.Sorted(maps.Keys(users)) {
		fmt.Fprintf(&out, " user_%s=%q", name, users[name])
	}
	return out.String() + ";"
}

// writeSettings of a node and of its log.
func (c *Cluster) writeSettings(n *node) error {
	if err := os.WriteFile(filepath.Join(n.dir, "log4j2.properties"), []byte(log4j2), 0o600); err != nil {
		return err
	}
	return os.WriteFile(n.properties(), []byte(c.settings(n)), 0o600)
}
