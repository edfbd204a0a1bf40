// Package demo holds what koe demo needs and koe run does not: a broker inside
// the process that speaks the Kafka protocol, the bundled corpus as messages,
// and a generator of more. The pipeline that reads them is the one of koe run.
package demo

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kfake"
)

// The topics of the demo.
const (
	Calls = "calls"
	Chats = "chats"
)

// Broker is an in-process Kafka broker on a free port of the loopback address.
type Broker struct{ cluster *kfake.Cluster }

// StartBroker starts a broker with the demo's topics, of partitions partitions
// each. The caller closes it.
func StartBroker(partitions int32) (*Broker, error) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, Calls, Chats))
	if err != nil {
		return nil, fmt.Errorf("start the in-process broker: %w", err)
	}
	return &Broker{c}, nil
}

// Addrs lists host:port of the broker.
func (b *Broker) Addrs() []string { return b.cluster.ListenAddrs() }

// Close stops the broker; what was in it is gone.
func (b *Broker) Close() { b.cluster.Close() }
