package source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

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

// Files go to a topic as they are, malformed rows with the header that says so.
func TestFilesIntoATopic(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls"))
	c := quick(b.ListenAddrs(), "calls")
	f, err := source.NewFiles([]string{write(t, "a.csv", []byte("id,source\n1,crm\n2,\"x\"y\n"))}, cells{}, source.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := source.Produce(t.Context(), c, "calls", source.Records(t.Context(), s, func(v []byte) []byte { return v[:1] })); n != 2 || err != nil {
		t.Fatalf("wrote %d, %v", n, err)
	}
	k := open(t, c)
	defer closing(t, k)
	got := take(t, next(t, k), nil, 2)
	if string(got[0].Key) != "1" || string(got[0].Value) != "1|crm" || got[1].Headers[source.HeaderDecoder] != source.DecoderMalformed {
		t.Errorf("got %s %s, headers %v", got[0].Key, got[0].Value, got[1].Headers)
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

func ExampleNewKafka() {
	broker, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer broker.Close()
	ctx := context.Background()
	c := source.DefaultConfig()
	c.Brokers, c.Group, c.Topics = broker.ListenAddrs(), "koe", []string{"calls"}
	if err := source.CreateTopics(ctx, c, 1, "calls"); err != nil {
		fmt.Println(err)
		return
	}
	records := func(yield func(source.Record, error) bool) {
		yield(source.Record{Key: []byte("crm/1"), Value: []byte(`{"id":"1","source":"crm","channel":"call"}`)}, nil)
	}
	n, err := source.Produce(ctx, c, "calls", records)
	fmt.Println("written:", n, err)

	k, err := source.NewKafka(c)
	if err != nil {
		fmt.Println(err)
		return
	}
	session, err := k.Next(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	enough := errors.New("enough")
	err = session.Read(ctx, map[voc.Partition]int64{{Topic: "calls"}: 0}, func(m voc.Message) error {
		fmt.Println("read:", m, len(m.Value), "bytes")
		return enough
	})
	fmt.Println(errors.Is(err, enough), session.Commit(ctx, map[voc.Partition]int64{{Topic: "calls"}: 1}), k.Close())
	// Output:
	// written: 1 <nil>
	// read: calls/0@0 42 bytes
	// true <nil> <nil>
}
