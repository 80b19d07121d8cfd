package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"festival/ingest"
	"festival/ingest/kafka"
	"festival/sql"
)

// recordedTopic gives the id of the topic that a ledger counts, "" where none was noted.
func recordedTopic(ctx context.Context, store *sql.Store, ledger uint64) (string, error) {
	all, err := store.TopicIDs(ctx, ledger)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[len(all)-1].ID, nil
}

// noteTopic gives the id of the topic that a ledger counts, and notes that of the topic as it is where none is noted yet: of a new
// ledger, and of one from before this was noted. "" where the brokers do not tell.
func noteTopic(ctx context.Context, store *sql.Store, client *kafka.Client, l *ingest.Ledger) error {
	id, err := recordedTopic(ctx, store, l.Prefix)
	if err != nil || id != "" {
		l.Identity.TopicID = id
		return err
	}
	if id, err = topicNow(ctx, client); err != nil || id == "" {
		return err
	}
	l.Identity.TopicID = id
	return store.InsertTopicID(ctx, l.Prefix, sql.TopicID{ID: id, AtMs: time.Now().UnixMilli()})
}

// topicNow asks for the topic's id for as long as a start waits for the brokers: an election may be under way.
func topicNow(ctx context.Context, client *kafka.Client) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, brokersWithin)
	defer cancel()
	for {
		id, err := client.TopicID(ctx, 0)
		if err == nil || !kafka.Retryable(err) || !sleep(ctx, 200*time.Millisecond) {
			return id, err
		}
	}
}

// acceptTopicCmd is `festival ledger accept-topic`.
type acceptTopicCmd struct {
	placeFlags
	Brokers []string `help:"Kafka brokers, over kafka.brokers." placeholder:"HOST:PORT"`
	TopicID string   `help:"Id that the topic has now, as the stop says." name:"topic-id" placeholder:"ID"`
	By      string   `help:"Who signs." required:"" placeholder:"NAME"`
	Reason  string   `help:"Why; it stays in the record." required:""`
}

// Help is shown under the flags.
func (acceptTopicCmd) Help() string {
	return `Examples:
  festival ledger accept-topic --config festival.yaml --topic-id 3f0c…9a --by Ann --reason "topic restored from the mirror, offsets kept"

Signs off that the topic as it is now holds the ledger's log, though it was deleted and made anew: after a restore that kept offsets and
bytes. It is refused where the last batch counted of any partition is not there, byte for byte: that is another log, and needs a new
ledger. Of a partition with nothing counted, or whose last batch retention has deleted, your word is all there is. Without --topic-id nothing is
signed: it tells the id and the whole command. Restart ingest afterwards.`
}

// Run signs the topic off.
func (cmd *acceptTopicCmd) Run(a *app) error {
	if strings.TrimSpace(cmd.By) == "" || strings.TrimSpace(cmd.Reason) == "" {
		return usageError{errors.New("--by and --reason are empty: say who signs and why")}
	}
	p, err := cmd.begin(a)
	if err != nil {
		return err
	}
	defer p.done()
	sign := signFlags{Brokers: cmd.Brokers, placeFlags: cmd.placeFlags}
	desk, done, err := sign.desk(a, p)
	if err != nil {
		return err
	}
	defer done()
	now, err := topicNow(a.ctx, desk.Kafka)
	switch old := desk.Ledger.Identity.TopicID; {
	case err != nil:
		return err
	case now == "":
		return errors.New("the brokers do not tell the topic's id: nothing to sign off (Kafka 2.8 and newer do)")
	case now == old:
		return fmt.Errorf("the topic has id %s, as the ledger has it: nothing to sign off", now)
	case cmd.TopicID == "":
		return usageError{fmt.Errorf("--topic-id is missing: the topic has id %s now, the ledger counted %s; if it was restored with the same offsets and bytes: `%s`",
			now, old, desk.Kafka.AcceptTopicCommand(now))}
	case cmd.TopicID != now:
		return fmt.Errorf("not signed off: the topic has id %s now, not %s: `%s`", now, cmd.TopicID, desk.Kafka.AcceptTopicCommand(now))
	default:
		return cmd.sign(a, desk, now, old)
	}
}

func (cmd *acceptTopicCmd) sign(a *app, desk *ingest.Desk, now, old string) error {
	record, err := desk.Topic(a.ctx, now, cmd.By, cmd.Reason)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(ingest.TopicDocument(desk.Ledger.ID, record), "", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s\n", text)
	if err := desk.Store.InsertTopicID(a.ctx, desk.Ledger.Prefix, record); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Signed off: the ledger's topic has id %s now, %s before. Restart ingest.\n", now, old)
	return nil
}
