package source

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Ends asks the brokers once for the next offset of each partition of c's
// topics. It does not join the group.
func Ends(ctx context.Context, c Config) (map[voc.Partition]int64, error) {
	l, err := c.link()
	if err != nil {
		return nil, err
	}
	t := l.transport()
	defer t.CloseIdleConnections()
	client := l.client(t)
	res, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: c.Topics})
	if err != nil {
		return nil, fmt.Errorf("ask for topics: %w", err)
	}
	var parts []voc.Partition
	for _, topic := range res.Topics {
		if topic.Error != nil && !errors.Is(topic.Error, kafka.UnknownTopicOrPartition) {
			return nil, fmt.Errorf("ask for topic %s: %w", topic.Name, topic.Error)
		}
		for _, p := range topic.Partitions {
			parts = append(parts, voc.Partition{Topic: topic.Name, ID: p.ID})
		}
	}
	all, err := listBounds(ctx, client, parts)
	if err != nil {
		return nil, err
	}
	out := make(map[voc.Partition]int64, len(all))
	for p, b := range all {
		out[p] = b.end
	}
	return out, nil
}
