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
	"sync"
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
type positions struct {
	mu   sync.Mutex
	next map[voc.Partition]int64
	seen map[string]int
}

func (p *positions) member(ctx context.Context, t *testing.T, c source.Config, sessions chan<- int) {
	k, err := source.NewKafka(c)
	if err != nil {
		t.Error(err)
		return
	}
	defer closing(t, k)
	for {
		s, err := k.Next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				t.Error(err)
			}
			return
		}
		select {
		case sessions <- len(s.Partitions()):
		case <-ctx.Done():
		}
		p.mu.Lock()
		from := map[voc.Partition]int64{}
		for _, part := range s.Partitions() {
			if n, ok := p.next[part]; ok {
				from[part] = n
			}
		}
		p.mu.Unlock()
		err = s.Read(ctx, from, func(m voc.Message) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.seen[string(m.Value)]++
			p.next[m.Partition] = m.Offset + 1
			return nil
		})
		if err != nil && ctx.Err() == nil {
			t.Error(err)
			return
		}
		p.mu.Lock()
		mine := map[voc.Partition]int64{}
		for _, part := range s.Partitions() {
			if n, ok := p.next[part]; ok {
				mine[part] = n
			}
		}
		p.mu.Unlock()
		if err := s.Commit(context.WithoutCancel(ctx), mine); err != nil {
			t.Errorf("the commit at a session's end: %v", err)
		}
	}
}

func TestKafkaSharesPartitionsWithASecondMember(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(4, "calls"))
	c := quick(b.ListenAddrs(), "calls")
	p := &positions{next: map[voc.Partition]int64{}, seen: map[string]int{}}
	var wg sync.WaitGroup
	defer wg.Wait()
	start := func() (<-chan int, context.CancelFunc) {
		ctx, cancel := context.WithCancel(t.Context())
		sessions := make(chan int)
		wg.Go(func() { p.member(ctx, t, c, sessions) })
		return sessions, cancel
	}
	await := func(sessions <-chan int, want int) {
		t.Helper()
		for got := range sessions {
			if got == want {
				return
			}
		}
	}
	first, stopFirst := start()
	defer stopFirst()
	await(first, 4)
	produce(t, c, "calls", sequence(0, 200))
	second, stopSecond := start()
	defer stopSecond()
	await(first, 2)
	await(second, 2)
	produce(t, c, "calls", sequence(200, 400))
	stopSecond()
	await(first, 4)
	produce(t, c, "calls", sequence(400, 500))
	for {
		p.mu.Lock()
		n := len(p.seen)
		p.mu.Unlock()
		if n == 500 || t.Context().Err() != nil {
			break
		}
		if !wait(t.Context(), 10*time.Millisecond) {
			break
		}
	}
	stopFirst()
	wg.Wait()
	for m, n := range p.seen {
		if n != 1 {
			t.Errorf("%s was read %d times", m, n)
		}
	}
}

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

func TestKafkaSeesNewPartitions(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls"))
	c := quick(b.ListenAddrs(), "calls")
	k := open(t, c)
	defer closing(t, k)
	s := next(t, k)
	if got := len(s.Partitions()); got != 1 {
		t.Fatalf("%d partitions", got)
	}
	add := kmsg.NewPtrCreatePartitionsRequest()
	topic := kmsg.NewCreatePartitionsRequestTopic()
	topic.Topic, topic.Count = "calls", 3
	add.Topics = append(add.Topics, topic)
	pipelinetest.Request(t, b, add)
	if err := s.Read(t.Context(), nil, func(voc.Message) error { return nil }); err != nil {
		t.Fatalf("read: %v, want nil at the rebalance", err)
	}
	for len(s.Partitions()) != 3 {
		s = next(t, k)
		if len(s.Partitions()) == 3 {
			break
		}
		if err := s.Read(t.Context(), nil, func(voc.Message) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

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
	retries := 0
	c.Hooks.Retry = func() { retries++ }
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
	if retries == 0 {
		t.Error("no retry was reported")
	}
}

func TestKafkaPermanentErrors(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls"))
	c := quick(b.ListenAddrs(), "calls", "absent")
	k := open(t, c)
	if _, err := k.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "absent: missing") {
		t.Errorf("missing topic: %v", err)
	}
	closing(t, k)

	c = quick(b.ListenAddrs(), "calls")
	b.ControlKey(int16(kmsg.JoinGroup), func(req kmsg.Request) (kmsg.Response, error, bool) {
		b.KeepControl()
		res := req.ResponseKind().(*kmsg.JoinGroupResponse)
		res.ErrorCode = 30
		return res, nil, true
	})
	k = open(t, c)
	if _, err := k.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "allow READ on the group") {
		t.Errorf("no right to the group: %v", err)
	}
	closing(t, k)
	if _, err := source.Produce(t.Context(), c, "absent", sequence(0, 1)); err == nil || !strings.Contains(err.Error(), "absent: missing") {
		t.Errorf("write to a missing topic: %v", err)
	}
}

func TestKafkaPasswords(t *testing.T) {
	for _, mechanism := range []string{source.SASLPlain, source.SASLScramSHA512} {
		b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls"), kfake.EnableSASL(),
			kfake.Superuser("PLAIN", "koe", "secret"), kfake.Superuser("SCRAM-SHA-512", "koe", "secret"))
		c := quick(b.ListenAddrs(), "calls")
		c.SASL = source.SASL{Mechanism: mechanism, User: "koe", Password: "secret", AllowPlaintext: true}
		produce(t, c, "calls", sequence(0, 1))
		k := open(t, c)
		take(t, next(t, k), nil, 1)
		closing(t, k)
		c.SASL.Password = "wrong-word"
		b.ControlKey(int16(kmsg.SASLAuthenticate), func(req kmsg.Request) (kmsg.Response, error, bool) {
			b.KeepControl() // a real broker answers so; this one hangs up
			res := req.ResponseKind().(*kmsg.SASLAuthenticateResponse)
			res.ErrorCode = 58
			return res, nil, true
		})
		k = open(t, c)
		if _, err := k.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "password is wrong") || strings.Contains(err.Error(), "wrong-word") {
			t.Errorf("%s: %v", mechanism, err)
		}
		closing(t, k)
	}
}

func TestCreateTopics(t *testing.T) {
	b := pipelinetest.Broker(t)
	c := quick(b.ListenAddrs(), "new")
	for range 2 {
		if err := source.CreateTopics(t.Context(), c, 3, "new", "other"); err != nil {
			t.Fatal(err)
		}
	}
	lag, err := source.Lag(t.Context(), c)
	if err != nil || len(lag) != 3 || lag[0].Committed != -1 {
		t.Errorf("lag %v, %v", lag, err)
	}
}

// Versions of a contact keep their order: one key, one partition.
func TestProduceKeepsTheOrderOfAKey(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(8, "calls"))
	c := quick(b.ListenAddrs(), "calls")
	stop := errors.New("the file broke off")
	n, err := source.Produce(t.Context(), c, "calls", func(yield func(source.Record, error) bool) {
		for i := range 600 {
			if !yield(source.Record{Key: []byte("crm/1"), Value: fmt.Append(nil, i)}, nil) {
				return
			}
		}
		yield(source.Record{}, stop)
	})
	if !errors.Is(err, stop) || n != 600 {
		t.Errorf("wrote %d, %v; want what came before the error", n, err)
	}
	k := open(t, c)
	defer closing(t, k)
	for i, m := range take(t, next(t, k), nil, 600) {
		if string(m.Value) != fmt.Sprint(i) || m.Offset != int64(i) {
			t.Fatalf("message %d is %s at %s", i, m.Value, m)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*source.Config)
		want   string
	}{
		"brokers":      {func(c *source.Config) { c.Brokers = nil }, "host:port"},
		"broker":       {func(c *source.Config) { c.Brokers = []string{"kafka"} }, "host:port"},
		"group":        {func(c *source.Config) { c.Group = "" }, "group"},
		"topics":       {func(c *source.Config) { c.Topics = nil }, "topics"},
		"session":      {func(c *source.Config) { c.SessionTimeout = time.Second }, "6s"},
		"heartbeat":    {func(c *source.Config) { c.Heartbeat = time.Minute }, "third"},
		"duration":     {func(c *source.Config) { c.BackoffMax = 0 }, "durations"},
		"fetch":        {func(c *source.Config) { c.MaxBytes = 10 }, "MiB"},
		"mechanism":    {func(c *source.Config) { c.SASL.Mechanism = "gssapi" }, "scram-sha-512"},
		"user":         {func(c *source.Config) { c.SASL.Mechanism = "plain" }, "user and password"},
		"plaintext":    {func(c *source.Config) { c.SASL = source.SASL{Mechanism: "plain", User: "a", Password: "b"} }, "without TLS"},
		"pair":         {func(c *source.Config) { c.TLS.Cert = "a" }, "go together"},
		"missing ca":   {func(c *source.Config) { c.TLS.CA = "no.pem" }, "no.pem"},
		"missing cert": {func(c *source.Config) { c.TLS.Cert, c.TLS.Key = "no.pem", "no.key" }, "no.pem"},
	} {
		c := quick([]string{"127.0.0.1:1"}, "calls")
		tc.change(&c)
		if _, err := source.NewKafka(c); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
	}
	c := source.DefaultConfig()
	c.Brokers, c.Group, c.Topics = []string{"127.0.0.1:9092"}, "koe", []string{"calls"}
	c.SASL = source.SASL{Mechanism: "plain", User: "koe", Password: "hidden"}
	c.TLS.Enabled = true
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", slog.Any("sasl", c.SASL))
	if strings.Contains(out.String(), "hidden") {
		t.Error("the log shows the password")
	}
}
