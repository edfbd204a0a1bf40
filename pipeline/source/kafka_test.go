package source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

var _ pipeline.Source = (*source.Kafka)(nil)

// quick is a configuration for brokers that answer at once.
func quick(addrs []string, topics ...string) source.Config {
	c := source.DefaultConfig()
	c.Brokers, c.Group, c.Topics = addrs, "koe", topics
	c.Heartbeat, c.PartitionWatch, c.JoinBackoff = 50*time.Millisecond, 100*time.Millisecond, 20*time.Millisecond
	c.BackoffMin, c.BackoffMax, c.MaxWait = 10*time.Millisecond, 100*time.Millisecond, 50*time.Millisecond
	c.TopicWait, c.EndGrace, c.EndCheck = 200*time.Millisecond, 50*time.Millisecond, 100*time.Millisecond
	c.RebalanceTimeout = 2 * time.Second
	return c
}

func sequence(from, to int) iter.Seq2[source.Record, error] {
	return func(yield func(source.Record, error) bool) {
		for i := from; i < to; i++ {
			if !yield(source.Record{Key: fmt.Appendf(nil, "crm/%d", i), Value: fmt.Appendf(nil, "m%d", i), Headers: map[string]string{"n": fmt.Sprint(i)}}, nil) {
				return
			}
		}
	}
}

func produce(t testing.TB, c source.Config, topic string, records iter.Seq2[source.Record, error]) {
	t.Helper()
	if _, err := source.Produce(t.Context(), c, topic, records); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, c source.Config) *source.Kafka {
	t.Helper()
	k, err := source.NewKafka(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func next(t testing.TB, k *source.Kafka) source.Session {
	t.Helper()
	s, err := k.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var errEnough = errors.New("enough")

// take reads n messages from a session.
func take(t testing.TB, s source.Session, from map[voc.Partition]int64, n int) []voc.Message {
	t.Helper()
	var out []voc.Message
	if n == 0 {
		return nil
	}
	err := s.Read(t.Context(), from, func(m voc.Message) error {
		if out = append(out, m); len(out) == n {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatalf("read %d of %d: %v", len(out), n, err)
	}
	return out
}

func closing(t testing.TB, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestKafkaReadsCommitsAndResumes(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(3, "calls", "chats"))
	c := quick(b.ListenAddrs(), "calls", "chats")
	produce(t, c, "calls", sequence(0, 100))
	produce(t, c, "chats", sequence(100, 120))

	k := open(t, c)
	s := next(t, k)
	if got := len(s.Partitions()); got != 6 {
		t.Fatalf("%d partitions, want 6, the empty ones too", got)
	}
	seen := map[string]bool{}
	at := map[voc.Partition]int64{}
	for _, m := range take(t, s, nil, 120) {
		if m.Offset != at[m.Partition] {
			t.Errorf("%s: want offset %d", m, at[m.Partition])
		}
		at[m.Partition] = m.Offset + 1
		seen[string(m.Value)] = true
		if "m"+m.Headers["n"] != string(m.Value) || "crm/"+m.Headers["n"] != string(m.Key) || time.Since(m.Time) > time.Minute {
			t.Errorf("%s: header, key or time are not its own", m)
		}
	}
	if len(seen) != 120 {
		t.Errorf("%d different messages, want 120", len(seen))
	}
	if err := s.Commit(t.Context(), at); err != nil {
		t.Error(err)
	}
	lag, err := source.Lag(t.Context(), c)
	if err != nil || len(lag) != 6 {
		t.Fatalf("lag %v, %v", lag, err)
	}
	for _, l := range lag {
		if want := at[l.Partition]; l.End != want || l.First != 0 || want > 0 && l.Committed != want {
			t.Errorf("lag %+v, want committed %d", l, want)
		}
	}
	closing(t, k)

	// The positions decide where reading starts, not the group's commits.
	k = open(t, c)
	defer closing(t, k)
	s = next(t, k)
	from := map[voc.Partition]int64{}
	want := 0
	for p, end := range at {
		from[p] = end - 1
		if end == 0 {
			delete(from, p)
		} else {
			want++
		}
	}
	got := map[voc.Partition]int64{}
	for _, m := range take(t, s, from, want) {
		got[m.Partition] = m.Offset
	}
	if d := cmp.Diff(from, got); d != "" {
		t.Error(d)
	}
}

func TestKafkaStops(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls"))
	k := open(t, quick(b.ListenAddrs(), "calls"))
	defer closing(t, k)
	s := next(t, k)
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(50*time.Millisecond, cancel)
	defer timer.Stop()
	if err := s.Read(ctx, nil, func(voc.Message) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("read: %v, want the context's error", err)
	}
	if err := s.Commit(t.Context(), map[voc.Partition]int64{{Topic: "calls"}: 0}); err != nil {
		t.Errorf("a commit after the stop, in the same session: %v", err)
	}
	if _, err := k.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("next: %v, want the context's error", err)
	}
}

// member reads with its own group membership until stopped. Positions are
// shared, as sinks would hold them.
func TestKafkaPositionsOutsideTheLog(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls"))
	c := quick(b.ListenAddrs(), "calls")
	var logged bytes.Buffer
	var lost int64
	c.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelInfo}))
	c.Hooks.Lost = func(_ voc.Partition, n int64) { lost += n }
	produce(t, c, "calls", sequence(0, 10))
	p := voc.Partition{Topic: "calls"}
	k := open(t, c)
	defer closing(t, k)
	s := next(t, k)

	err := s.Read(t.Context(), map[voc.Partition]int64{p: 11}, func(voc.Message) error { return nil })
	if !errors.Is(err, source.ErrBeyondEnd) || !strings.Contains(err.Error(), "made anew") {
		t.Errorf("beyond the end: %v", err)
	}

	trim := kmsg.NewPtrDeleteRecordsRequest()
	topic := kmsg.NewDeleteRecordsRequestTopic()
	topic.Topic = "calls"
	part := kmsg.NewDeleteRecordsRequestTopicPartition()
	part.Offset = 6
	topic.Partitions = append(topic.Partitions, part)
	trim.Topics = append(trim.Topics, topic)
	pipelinetest.Request(t, b, trim)
	got := take(t, s, map[voc.Partition]int64{p: 2}, 4)
	if got[0].Offset != 6 || lost != 4 || !strings.Contains(logged.String(), "lost=4") {
		t.Errorf("first offset %d, lost %d, log %s", got[0].Offset, lost, logged.String())
	}
	if strings.Contains(logged.String(), "m6") {
		t.Error("the log holds a payload")
	}
}

func TestKafkaNoticesATopicMadeAnewWhileItReads(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls"))
	c := quick(b.ListenAddrs(), "calls")
	produce(t, c, "calls", sequence(0, 10))
	k := open(t, c)
	defer closing(t, k)
	s := next(t, k)
	n := 0
	err := s.Read(t.Context(), nil, func(voc.Message) error {
		if n++; n == 10 {
			// From now on the log ends before what was read.
			b.ControlKey(int16(kmsg.ListOffsets), func(req kmsg.Request) (kmsg.Response, error, bool) {
				b.KeepControl()
				return shortLog(req.(*kmsg.ListOffsetsRequest)), nil, true
			})
		}
		return nil
	})
	if !errors.Is(err, source.ErrBeyondEnd) {
		t.Errorf("got %v", err)
	}
}

// shortLog answers that every log ends at offset 3.
func shortLog(req *kmsg.ListOffsetsRequest) kmsg.Response {
	res := req.ResponseKind().(*kmsg.ListOffsetsResponse)
	for _, t := range req.Topics {
		rt := kmsg.NewListOffsetsResponseTopic()
		rt.Topic = t.Topic
		for _, p := range t.Partitions {
			rp := kmsg.NewListOffsetsResponseTopicPartition()
			rp.Partition = p.Partition
			if rp.Offset = 3; p.Timestamp == -2 {
				rp.Offset = 0
			}
			rt.Partitions = append(rt.Partitions, rp)
		}
		res.Topics = append(res.Topics, rt)
	}
	return res
}

func TestKafkaTombstonesAndLargeMessages(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls"), kfake.BrokerConfigs(map[string]string{"message.max.bytes": "20000000"}))
	c := quick(b.ListenAddrs(), "calls")
	large := bytes.Repeat([]byte("声"), 5<<20/3)
	produce(t, c, "calls", func(yield func(source.Record, error) bool) {
		_ = yield(source.Record{Key: []byte("crm/1")}, nil) && yield(source.Record{Value: large}, nil) && yield(source.Record{Value: []byte("x")}, nil)
	})
	k := open(t, c)
	defer closing(t, k)
	got := take(t, next(t, k), nil, 3)
	if got[0].Value != nil || string(got[0].Key) != "crm/1" {
		t.Errorf("tombstone: value %v", got[0].Value)
	}
	if !bytes.Equal(got[1].Value, large) || got[1].Key != nil || string(got[2].Value) != "x" {
		t.Errorf("large message: %d bytes", len(got[1].Value))
	}
}

// A broker that answers with errors for a while is waited out everywhere.
func TestKafkaOutlivesFaults(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(2, "calls"))
	c := quick(b.ListenAddrs(), "calls")
	var retries atomic.Int64
	c.Hooks.Retry = func() { retries.Add(1) }
	produce(t, c, "calls", sequence(0, 50))
	for _, key := range []kmsg.Key{kmsg.FindCoordinator, kmsg.JoinGroup, kmsg.ListOffsets, kmsg.Fetch} {
		for range 3 {
			b.ControlKey(int16(key), func(kmsg.Request) (kmsg.Response, error, bool) {
				return nil, errors.New("connection lost"), true
			})
		}
	}
	k := open(t, c)
	defer closing(t, k)
	s := next(t, k)
	at := map[voc.Partition]int64{}
	for _, m := range take(t, s, nil, 50) {
		if m.Offset != at[m.Partition] {
			t.Errorf("%s: want offset %d", m, at[m.Partition])
		}
		at[m.Partition]++
	}
	if retries.Load() == 0 {
		t.Error("no retry was reported")
	}
}

// Versions of a contact keep their order: one key, one partition.
