package kafka

import (
	"context"
	"fmt"

	kafkago "github.com/segmentio/kafka-go"
)

// Settings gives the topic's settings by name, as they are in effect: its own, or the broker's default.
func (c *Client) Settings(ctx context.Context, names ...string) (map[string]string, error) {
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
