package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Kafka reads topics as a member of a consumer group. The group shares out the
// partitions; where reading starts is the caller's to say, and the committed
// offsets are for others to see. It is for one goroutine.
//
// The library cannot tell a null value from an empty one: both are a nil Value.
type Kafka struct {
	cfg       Config
	link      link
	log       *slog.Logger
	transport *kafka.Transport
	client    *kafka.Client
	group     *kafka.ConsumerGroup // nil before the first Next
	now       *kafkaSession        // nil before the first session
	closing   chan struct{}
}

// NewKafka checks the configuration and reads its files; it does not connect.
func NewKafka(c Config) (*Kafka, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	l, err := c.link()
	if err != nil {
		return nil, err
	}
	t := l.transport()
	return &Kafka{cfg: c, link: l, log: c.logger(), transport: t, client: l.client(t), closing: make(chan struct{})}, nil
}

// Next ends the session before and waits for the group's next generation. A
// broker that is down is waited for; a wrong password, a missing right or a
// topic that does not exist is an error.
func (k *Kafka) Next(ctx context.Context) (Session, error) {
	if k.now != nil {
		k.now.release()
		k.now = nil
	}
	if k.group == nil {
		if err := awaitTopics(ctx, k.client, k.cfg, k.cfg.Topics...); err != nil {
			return nil, err
		}
		if err := k.join(); err != nil {
			return nil, err
		}
	}
	wait := k.cfg.backoff()
	for {
		gen, err := k.group.Next(ctx)
		switch {
		case err == nil:
			k.now = k.session(gen)
			return k.now, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, kafka.ErrGroupClosed):
			return nil, io.EOF
		}
		if p := permanent(err); p != nil {
			return nil, fmt.Errorf("join group %s: %w", k.cfg.Group, p)
		}
		k.retry("join group", err)
		if !wait.pause(ctx) {
			return nil, ctx.Err()
		}
	}
}

func (k *Kafka) join() error {
	group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: k.cfg.Group, Brokers: k.cfg.Brokers, Topics: k.cfg.Topics, Dialer: k.link.dialer(),
		HeartbeatInterval: k.cfg.Heartbeat, SessionTimeout: k.cfg.SessionTimeout, RebalanceTimeout: k.cfg.RebalanceTimeout,
		JoinGroupBackoff: k.cfg.JoinBackoff, WatchPartitionChanges: true, PartitionWatchInterval: k.cfg.PartitionWatch,
		StartOffset: kafka.FirstOffset, Timeout: k.cfg.DialTimeout, Logger: debugLogger{k.log}, ErrorLogger: debugLogger{k.log},
	})
	if err != nil {
		return fmt.Errorf("join group %s: %w", k.cfg.Group, err)
	}
	k.group = group
	return nil
}

// Close leaves the group and closes the connections.
func (k *Kafka) Close() error {
	close(k.closing)
	var err error
	if k.group != nil {
		err = k.group.Close()
	}
	k.transport.CloseIdleConnections()
	return err
}

func (k *Kafka) retry(what string, err error) {
	k.log.Warn("broker trouble, trying again", slog.String("doing", what), slog.Any("error", err))
	if k.cfg.Hooks.Retry != nil {
		k.cfg.Hooks.Retry()
	}
}

// awaitTopics returns when all topics exist. It waits for brokers without end
// and for topics as long as the configuration says.
func awaitTopics(ctx context.Context, client *kafka.Client, cfg Config, topics ...string) error {
	wait := cfg.backoff()
	var since time.Time // when a broker first answered
	for {
		res, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: topics})
		var missing []string
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			if p := permanent(err); p != nil {
				return fmt.Errorf("ask %s for topics: %w", strings.Join(cfg.Brokers, ", "), p)
			}
			cfg.logger().Warn("broker trouble, trying again", slog.String("doing", "ask for topics"), slog.Any("error", err))
		default:
			if since.IsZero() {
				since = time.Now()
			}
			for _, t := range topics {
				if !slices.ContainsFunc(res.Topics, func(r kafka.Topic) bool { return r.Name == t && r.Error == nil && len(r.Partitions) > 0 }) {
					missing = append(missing, t)
				}
			}
			if len(missing) == 0 {
				return nil
			}
			if time.Since(since) >= cfg.TopicWait {
				return fmt.Errorf("topic %s: missing, or this user may not see it; create it or check its name and rights", strings.Join(missing, ", "))
			}
		}
		if !wait.pause(ctx) {
			return ctx.Err()
		}
	}
}

// session binds a generation of the group.
func (k *Kafka) session(gen *kafka.Generation) *kafkaSession {
	s := &kafkaSession{k: k, gen: gen, ended: make(chan struct{}), released: make(chan struct{})}
	for topic, parts := range gen.Assignments {
		for _, p := range parts {
			s.parts = append(s.parts, voc.Partition{Topic: topic, ID: p.ID})
		}
	}
	slices.SortFunc(s.parts, voc.Partition.Compare)
	gen.Start(func(ctx context.Context) {
		select {
		case <-ctx.Done():
		case <-s.released:
		}
		close(s.ended)
		// The generation stays until the caller has committed what it had in
		// hand, but no longer than half of what the group waits for.
		t := time.NewTimer(k.cfg.RebalanceTimeout / 2)
		defer t.Stop()
		select {
		case <-s.released:
		case <-k.closing:
		case <-t.C:
		}
	})
	k.log.Info("partitions assigned", slog.Int("partitions", len(s.parts)), slog.Int("generation", int(gen.ID)))
	if k.cfg.Hooks.Assigned != nil {
		k.cfg.Hooks.Assigned(slices.Clone(s.parts))
	}
	return s
}

type kafkaSession struct {
	k        *Kafka
	gen      *kafka.Generation
	parts    []voc.Partition
	ended    chan struct{} // closed when the generation is over
	released chan struct{} // closed when the caller is done with it
	once     sync.Once
}

func (s *kafkaSession) release() { s.once.Do(func() { close(s.released) }) }

func (s *kafkaSession) Partitions() []voc.Partition { return slices.Clone(s.parts) }

// Commit commits to the group. It fails after the session's end was waited for
// in vain, which costs nothing but a commit.
func (s *kafkaSession) Commit(ctx context.Context, next map[voc.Partition]int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	offsets := map[string]map[int]int64{}
	for p, n := range next {
		if !slices.Contains(s.parts, p) {
			continue
		}
		if offsets[p.Topic] == nil {
			offsets[p.Topic] = map[int]int64{}
		}
		offsets[p.Topic][p.ID] = n
	}
	if err := s.gen.CommitOffsets(offsets); err != nil {
		return fmt.Errorf("commit to group %s: %w", s.k.cfg.Group, err)
	}
	return nil
}
