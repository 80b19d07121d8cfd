package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// settingsWait is how long a topic that was just made may be unknown to the broker that is asked.
const settingsWait = 15 * time.Second

// Settings gives the topic's settings by name, as they are in effect: its own, or the broker's default.
func (c *Client) Settings(ctx context.Context, names ...string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, settingsWait)
	defer cancel()
	for {
		all, err := c.settings(ctx, names)
		if !errors.Is(err, kafkago.UnknownTopicOrPartition) {
			return all, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (c *Client) settings(ctx context.Context, names []string) (map[string]string, error) {
	res, err := c.api.DescribeConfigs(ctx, &kafkago.DescribeConfigsRequest{Resources: []kafkago.DescribeConfigRequestResource{
		{ResourceType: kafkago.ResourceTypeTopic, ResourceName: c.cfg.Topic, ConfigNames: names}}})
	if err != nil {
		return nil, fmt.Errorf("settings of topic %s: %w", c.cfg.Topic, err)
	}
	all := map[string]string{}
	for _, r := range res.Resources {
		if r.Error != nil {
			return nil, fmt.Errorf("settings of topic %s: %w", c.cfg.Topic, r.Error)
		}
		for _, e := range r.ConfigEntries {
			all[e.ConfigName] = e.ConfigValue
		}
	}
	return all, nil
}
