package source_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

func realConfig(addr string, topics ...string) source.Config {
	c := source.DefaultConfig()
	c.Brokers, c.Group, c.Topics = []string{addr}, "koe", topics
	return c
}

// A broker is killed while a writer writes and a group reads: both wait for it
// and go on, every acknowledged message is read, and each position once.
func TestRealKafkaLosesNothingWhenTheBrokerIsKilled(t *testing.T) {
	broker := pipelinetest.StartKafka(t)
	outage, err := time.ParseDuration(os.Getenv("KOE_OUTAGE")) // .ci/soak: a minute
	if err != nil {
		outage = time.Second
	}
	lossless(t, realConfig(broker.Addr, "calls"), func() {
		broker.Kill(t)
		time.Sleep(outage)
		broker.Start(t)
	})
}

// In a cluster of three the leader of a partition is killed, then the group's
// coordinator, then two brokers at once.
func TestRealKafkaLosesNothingWhenBrokersOfAClusterAreKilled(t *testing.T) {
	nodes := pipelinetest.StartCluster(t, 3)
	var addrs []string
	for _, n := range nodes {
		addrs = append(addrs, n.Addr)
	}
	c := realConfig(addrs[0], "calls")
	c.Brokers = addrs
	transport := &kafka.Transport{MetadataTTL: time.Second}
	defer transport.CloseIdleConnections()
	client := &kafka.Client{Addr: kafka.TCP(addrs...), Transport: transport}
	lose := func(ids ...int) {
		for _, id := range ids {
			nodes[id-1].Kill(t)
		}
		time.Sleep(5 * time.Second)
		for _, id := range ids {
			nodes[id-1].Start(t)
		}
	}
	lossless(t, c, func() {
		m, err := client.Metadata(t.Context(), &kafka.MetadataRequest{Topics: []string{"calls"}})
		if err != nil {
			t.Error(err)
			return
		}
		lose(m.Topics[0].Partitions[0].Leader.ID)
	}, func() {
		f, err := client.FindCoordinator(t.Context(), &kafka.FindCoordinatorRequest{Key: c.Group, KeyType: kafka.CoordinatorKeyTypeConsumer})
		if err != nil || f.Error != nil {
			t.Error(err, f)
			return
		}
		lose(f.Coordinator.NodeID)
	}, func() { lose(1, 2) })
}

// lossless writes messages in parts and reads them in a group. Between two
// parts, when half of the first is read, it strikes: the next part meets what
// the strike does.
func lossless(t *testing.T, c source.Config, strikes ...func()) {
	t.Helper()
	const part, partitions = 8_000, 3
	total := part * (len(strikes) + 1)
	if err := source.CreateTopics(t.Context(), c, partitions, "calls"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	read := make([]chan struct{}, len(strikes))
	for i := range read {
		read[i] = make(chan struct{})
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		n, err := source.Produce(ctx, c, "calls", func(yield func(source.Record, error) bool) {
			for i := range total {
				if i%part == 0 && i > 0 {
					select {
					case <-read[i/part-1]:
					case <-ctx.Done():
						return
					}
				}
				if !yield(source.Record{Key: fmt.Appendf(nil, "crm/%d", i%1000), Value: fmt.Appendf(nil, "m%d", i)}, nil) {
					return
				}
			}
		})
		if n != total || err != nil {
			t.Errorf("wrote %d: %v", n, err)
		}
	})
	wg.Go(func() {
		for i, strike := range strikes {
			select {
			case <-read[i]:
				strike()
			case <-ctx.Done():
				return
			}
		}
	})
	at := readAll(ctx, t, c, total, func(seen int) {
		if i := seen / part; seen%part == part/2 && i < len(read) {
			close(read[i])
		}
	})
	wg.Wait()
	lag, err := source.Lag(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lag {
		if l.Committed != at[l.Partition] {
			t.Errorf("lag %+v, want committed %d", l, at[l.Partition])
		}
	}
}

// readAll reads a topic in a group until it has seen n different messages, and
// commits. Each position comes once and in order. progress is told each new count.
func readAll(ctx context.Context, t *testing.T, c source.Config, n int, progress func(seen int)) map[voc.Partition]int64 {
	t.Helper()
	k := open(t, c)
	defer closing(t, k)
	seen := map[string]bool{}
	at := map[voc.Partition]int64{}
	for len(seen) < n {
		s, err := k.Next(ctx)
		if err != nil {
			t.Fatalf("next, after %d messages: %v", len(seen), err)
		}
		err = s.Read(ctx, maps.Clone(at), func(m voc.Message) error {
			if m.Offset != at[m.Partition] {
				t.Errorf("%s: want offset %d", m, at[m.Partition])
			}
			at[m.Partition] = m.Offset + 1
			if !seen[string(m.Value)] {
				seen[string(m.Value)] = true
				progress(len(seen))
			}
			if len(seen) == n {
				return errEnough
			}
			return nil
		})
		if err != nil && len(seen) < n {
			t.Fatalf("read, after %d messages: %v", len(seen), err)
		}
		if len(seen) == n {
			if err := s.Commit(ctx, at); err != nil {
				t.Errorf("commit: %v", err)
			}
		}
	}
	return at
}

func TestRealKafkaAuthenticates(t *testing.T) {
	broker := pipelinetest.StartKafka(t)
	if err := source.CreateTopics(t.Context(), realConfig(broker.Addr), 1, "calls"); err != nil {
		t.Fatal(err)
	}
	for i, mechanism := range []string{source.SASLPlain, source.SASLScramSHA512} {
		c := realConfig(broker.SASL, "calls")
		c.Group += mechanism
		c.SASL = source.SASL{Mechanism: mechanism, User: pipelinetest.KafkaUser, Password: pipelinetest.KafkaPassword, AllowPlaintext: true}
		produce(t, c, "calls", sequence(0, 1))
		k := open(t, c)
		take(t, next(t, k), nil, i+1)
		closing(t, k)
		c.SASL.Password = "wrong-word"
		k = open(t, c)
		start := time.Now()
		if _, err := k.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "password is wrong") || strings.Contains(err.Error(), "wrong-word") {
			t.Errorf("%s: %v", mechanism, err)
		}
		if d := time.Since(start); d > 30*time.Second {
			t.Errorf("%s: a wrong password took %v", mechanism, d)
		}
		closing(t, k)
	}
}

// TLS with a private authority, a client's certificate, and credentials over
// TLS; what must not connect does not, and says what to do.
func TestRealKafkaEncrypts(t *testing.T) {
	broker := pipelinetest.StartKafka(t)
	if err := source.CreateTopics(t.Context(), realConfig(broker.Addr), 1, "calls"); err != nil {
		t.Fatal(err)
	}
	at := func(addr string, change func(*source.Config)) source.Config {
		c := realConfig(addr, "calls")
		c.TLS.CA = broker.Authority.File
		c.Group = t.Name() + addr
		if change != nil {
			change(&c)
		}
		return c
	}
	certified := func(c *source.Config) { c.TLS.Cert, c.TLS.Key = broker.Authority.Issue(t, "koe") }
	as := func(mechanism string) func(*source.Config) {
		return func(c *source.Config) {
			c.Group += mechanism
			c.SASL = source.SASL{Mechanism: mechanism, User: pipelinetest.KafkaUser, Password: pipelinetest.KafkaPassword}
		}
	}
	for i, c := range []source.Config{
		at(broker.TLS, nil), at(broker.Mutual, certified), at(broker.SASLTLS, as(source.SASLPlain)), at(broker.SASLTLS, as(source.SASLScramSHA512)),
	} {
		produce(t, c, "calls", sequence(0, 1))
		k := open(t, c)
		take(t, next(t, k), nil, i+1)
		closing(t, k)
	}
	other := pipelinetest.NewAuthority(t)
	for name, x := range map[string]struct {
		c    source.Config
		want string
	}{
		"another authority": {at(broker.TLS, func(c *source.Config) { c.TLS.CA = other.File }), "certificate"},
		"no certificate":    {at(broker.Mutual, nil), "certificate"},
	} {
		k := open(t, x.c)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		_, err := k.Next(ctx)
		cancel()
		closing(t, k)
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
