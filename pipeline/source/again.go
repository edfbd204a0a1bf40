package source

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/koe-voc/koe/pipeline/voc"
)

// fetchWait is how long a message that lies between the ends of its log is
// waited for: compaction may have taken it away, and the library then waits for
// the next one.
const fetchWait = 10 * time.Second

// Fetch reads single messages by their positions, which are in order. One that
// is not in the log any more is delivered as not found.
func Fetch(ctx context.Context, c Config, at []voc.Position, deliver func(m voc.Message, found bool) error) error {
	if err := c.validateConnection(); err != nil {
		return err
	}
	l, err := c.link()
	if err != nil {
		return err
	}
	t := l.transport()
	defer t.CloseIdleConnections()
	client := l.client(t)
	for len(at) > 0 {
		n := 1
		for n < len(at) && at[n].Partition == at[0].Partition {
			n++
		}
		if err := fetchPartition(ctx, c, l, client, at[:n], deliver); err != nil {
			return err
		}
		at = at[n:]
	}
	return nil
}

func fetchPartition(ctx context.Context, c Config, l link, client *kafka.Client, at []voc.Position, deliver func(m voc.Message, found bool) error) (err error) {
	part := at[0].Partition
	ends, err := listBounds(ctx, client, []voc.Partition{part})
	if err != nil && !errors.Is(err, kafka.UnknownTopicOrPartition) {
		return err
	}
	log := c.logger()
	in := kafka.NewReader(kafka.ReaderConfig{
		Brokers: c.Brokers, Topic: part.Topic, Partition: part.ID, Dialer: l.dialer(),
		QueueCapacity: 1, MinBytes: 1, MaxBytes: c.MaxBytes, MaxWait: c.MaxWait,
		ReadLagInterval: -1, IsolationLevel: kafka.ReadCommitted, ReadBackoffMin: c.BackoffMin, ReadBackoffMax: c.BackoffMax,
		Logger: debugLogger{log}, ErrorLogger: debugLogger{log},
	})
	defer func() { err = errors.Join(err, in.Close()) }()
	for _, p := range at {
		m, found := voc.Message{Partition: part, Offset: p.Offset}, false
		if b := ends[part]; p.Offset >= b.first && p.Offset < b.end {
			if m, found, err = fetchOne(ctx, in, p); err != nil {
				return err
			}
		}
		if err := deliver(m, found); err != nil {
			return err
		}
	}
	return nil
}

func fetchOne(ctx context.Context, in *kafka.Reader, p voc.Position) (m voc.Message, found bool, err error) {
	if in.Offset() != p.Offset {
		if err := in.SetOffset(p.Offset); err != nil {
			return voc.Message{}, false, fmt.Errorf("read %s: %w", p, err)
		}
	}
	wait, cancel := context.WithTimeout(ctx, fetchWait)
	defer cancel()
	k, err := in.FetchMessage(wait)
	switch {
	case ctx.Err() != nil:
		return voc.Message{}, false, ctx.Err()
	case err != nil && wait.Err() == nil:
		return voc.Message{}, false, fmt.Errorf("read %s: %w", p, err)
	case err != nil, k.Offset != p.Offset:
		return voc.Message{Partition: p.Partition, Offset: p.Offset}, false, nil
	}
	return message(p.Partition, k), true, nil
}

// Again is a source of messages that were read before: one session over one
// partition of its own, whose name is the hash of the positions, so that the
// same messages are read again once. It is for one goroutine.
type Again struct {
	cfg  Config
	at   []voc.Position
	part voc.Partition
	done bool
}

// NewAgain makes a source of the messages at those positions.
func NewAgain(c Config, at []voc.Position) *Again {
	at = slices.Clone(at)
	slices.SortFunc(at, func(a, b voc.Position) int {
		return cmp.Or(a.Partition.Compare(b.Partition), cmp.Compare(a.Offset, b.Offset))
	})
	h := sha256.New()
	field(h, "koe.retry/1")
	for _, p := range at {
		field(h, p.String())
	}
	return &Again{cfg: c, at: at, part: voc.Partition{Topic: "retry-" + hex.EncodeToString(h.Sum(nil))}}
}

// Next returns the session, and then io.EOF.
func (a *Again) Next(context.Context) (Session, error) {
	if a.done {
		return nil, io.EOF
	}
	a.done = true
	return a, nil
}

// Close releases nothing.
func (a *Again) Close() error { return nil }

// Partitions lists the one partition.
func (a *Again) Partitions() []voc.Partition { return []voc.Partition{a.part} }

// Commit does nothing: the messages were committed when they were first read.
func (a *Again) Commit(context.Context, map[voc.Partition]int64) error { return nil }

// Read delivers the messages from the position on. One that has gone in the
// meantime is an error.
func (a *Again) Read(ctx context.Context, from map[voc.Partition]int64, deliver func(voc.Message) error) error {
	next := min(from[a.part], int64(len(a.at)))
	return Fetch(ctx, a.cfg, a.at[next:], func(m voc.Message, found bool) error {
		if !found {
			return fmt.Errorf("the message %s is not in Kafka any more", m)
		}
		m.Replay = &voc.Position{Partition: a.part, Offset: next}
		next++
		return deliver(m)
	})
}
