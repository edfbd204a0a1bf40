package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Record is a message to be written.
type Record struct {
	Key     []byte // messages of one key keep their order; nil: any partition
	Value   []byte // nil is a tombstone
	Headers map[string]string
}

// Records turns what a session delivers into records to write; key, which may
// be nil, gives the key of a value.
func Records(ctx context.Context, s Session, key func(value []byte) []byte) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		enough := errors.New("no more is wanted")
		err := s.Read(ctx, nil, func(m voc.Message) error {
			r := Record{Key: m.Key, Value: m.Value, Headers: m.Headers}
			if r.Key == nil && key != nil {
				r.Key = key(m.Value)
			}
			if !yield(r, nil) {
				return enough
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			yield(Record{}, err)
		}
	}
}

const (
	produceBatch = 500      // records handed to the writer at once
	produceBytes = 8 << 20  // and their bytes
	produceMax   = 17 << 20 // of one batch on the wire: the largest message that a decoder reads, and its headers
	produceTries = 60       // with pauses up to 2 s: two minutes without a broker
)

// Produce writes records to a topic until the sequence ends or yields an error,
// and returns how many all replicas acknowledged. Partitions are chosen by the
// key's hash as Kafka's own clients do. The writer is not idempotent: after a
// broker's loss a record may stand twice, never not at all.
func Produce(ctx context.Context, c Config, topic string, records iter.Seq2[Record, error]) (n int, err error) {
	if err := c.validateConnection(); err != nil {
		return 0, err
	}
	l, err := c.link()
	if err != nil {
		return 0, err
	}
	t := l.transport()
	defer t.CloseIdleConnections()
	if err := awaitTopics(ctx, l.client(t), c, topic); err != nil {
		return 0, err
	}
	w := &kafka.Writer{
		Addr: kafka.TCP(c.Brokers...), Topic: topic, Transport: t, Balancer: kafka.Murmur2Balancer{}, RequiredAcks: kafka.RequireAll,
		BatchTimeout: c.BatchTimeout, BatchSize: produceBatch, BatchBytes: produceMax, MaxAttempts: produceTries, WriteBackoffMax: 2 * time.Second,
		Compression: kafka.Zstd, Logger: debugLogger{c.logger()}, ErrorLogger: debugLogger{c.logger()},
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	var batch []kafka.Message
	size := 0
	flush := func() error {
		if err := w.WriteMessages(ctx, batch...); err != nil {
			return produceError(topic, err, batch, &n)
		}
		n += len(batch)
		batch, size = batch[:0], 0
		return nil
	}
	for r, err := range records {
		if err != nil {
			return n, errors.Join(err, flush())
		}
		m := kafka.Message{Key: r.Key, Value: r.Value}
		for k, v := range r.Headers {
			m.Headers = append(m.Headers, kafka.Header{Key: k, Value: []byte(v)})
		}
		slices.SortFunc(m.Headers, func(a, b kafka.Header) int { return cmp.Compare(a.Key, b.Key) })
		batch = append(batch, m)
		if size += len(r.Key) + len(r.Value); len(batch) >= produceBatch || size >= produceBytes {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	return n, flush()
}

// produceError adds to n what was written all the same.
func produceError(topic string, err error, batch []kafka.Message, n *int) error {
	if each, ok := errors.AsType[kafka.WriteErrors](err); ok {
		*n += len(batch) - each.Count()
		for _, e := range each {
			if e != nil {
				err = e
				break
			}
		}
	}
	if _, ok := errors.AsType[kafka.MessageTooLargeError](err); ok || errors.Is(err, kafka.MessageSizeTooLarge) {
		return fmt.Errorf("write to %s: %w; raise max.message.bytes of the topic", topic, kafka.MessageSizeTooLarge)
	}
	if p := permanent(err); p != nil {
		err = p
	}
	return fmt.Errorf("write to %s: %w", topic, err)
}

// CreateTopics creates topics with that many partitions and the broker's
// replication, and waits until they can be used. One that exists stays as it is.
func CreateTopics(ctx context.Context, c Config, partitions int, topics ...string) error {
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
	req := &kafka.CreateTopicsRequest{}
	for _, name := range topics {
		req.Topics = append(req.Topics, kafka.TopicConfig{Topic: name, NumPartitions: partitions, ReplicationFactor: -1})
	}
	res, err := client.CreateTopics(ctx, req)
	for try := 1; errors.Is(err, kafka.BrokerNotAvailable) && try < loadTries && pause(ctx, loadPause); try++ {
		res, err = client.CreateTopics(ctx, req) // a cluster that has just started has no controller yet
	}
	if err != nil {
		return fmt.Errorf("create topics: %w", err)
	}
	for name, err := range res.Errors {
		if err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
			return fmt.Errorf("create topic %s: %w", name, err)
		}
	}
	return awaitTopics(ctx, client, c, topics...)
}

// PartitionLag is how far a group is with a partition.
type PartitionLag struct {
	Partition voc.Partition
	First     int64 // offset of the first message left
	End       int64 // offset of the next message to be written
	Committed int64 // −1: the group never committed
}

// loadTries and loadPause wait half a minute for a controller that is still to be
// chosen, and for a coordinator that has just taken over and still reads the
// group's offsets.
const (
	loadTries = 60
	loadPause = 500 * time.Millisecond
)

// offsets asks for what a group has committed; nothing if nobody ever joined it.
func offsets(ctx context.Context, client *kafka.Client, req *kafka.OffsetFetchRequest) (*kafka.OffsetFetchResponse, error) {
	for try := 1; ; try++ {
		res, err := client.OffsetFetch(ctx, req)
		if err == nil {
			err = res.Error
		}
		switch {
		case errors.Is(err, kafka.GroupIdNotFound):
			return &kafka.OffsetFetchResponse{}, nil
		case err == nil:
			return res, nil
		case !moving(err) || try == loadTries || !pause(ctx, loadPause):
			return nil, err
		}
	}
}

// moving reports whether an error says that a group's coordinator is being
// changed.
func moving(err error) bool {
	return errors.Is(err, kafka.GroupLoadInProgress) || errors.Is(err, kafka.GroupCoordinatorNotAvailable) || errors.Is(err, kafka.NotCoordinatorForGroup)
}

// Lag asks the brokers about every partition of the topics, in order.
func Lag(ctx context.Context, c Config) ([]PartitionLag, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	l, err := c.link()
	if err != nil {
		return nil, err
	}
	t := l.transport()
	defer t.CloseIdleConnections()
	client := l.client(t)
	meta, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: c.Topics})
	if err != nil {
		return nil, fmt.Errorf("ask for partitions: %w", err)
	}
	var parts []voc.Partition
	ask := map[string][]int{}
	for _, topic := range meta.Topics {
		if topic.Error != nil {
			return nil, fmt.Errorf("topic %s: %w", topic.Name, topic.Error)
		}
		for _, p := range topic.Partitions {
			parts = append(parts, voc.Partition{Topic: topic.Name, ID: p.ID})
			ask[topic.Name] = append(ask[topic.Name], p.ID)
		}
	}
	slices.SortFunc(parts, voc.Partition.Compare)
	ends, err := listBounds(ctx, client, parts)
	if err != nil {
		return nil, err
	}
	res, err := offsets(ctx, client, &kafka.OffsetFetchRequest{GroupID: c.Group, Topics: ask})
	if err != nil {
		return nil, fmt.Errorf("ask for the offsets of group %s: %w", c.Group, err)
	}
	var out []PartitionLag
	for _, p := range parts {
		lag := PartitionLag{Partition: p, First: ends[p].first, End: ends[p].end, Committed: -1}
		for _, o := range res.Topics[p.Topic] {
			if o.Partition == p.ID && o.Error == nil {
				lag.Committed = o.CommittedOffset
			}
		}
		out = append(out, lag)
	}
	return out, nil
}
