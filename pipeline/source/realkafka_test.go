package source_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

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
	const total, partitions = 20_000, 3
	broker := pipelinetest.StartKafka(t)
	c := realConfig(broker.Addr, "calls")
	if err := source.CreateTopics(t.Context(), c, partitions, "calls"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	defer wg.Wait()
	halfway := make(chan struct{}) // read: the broker may be killed
	back := make(chan struct{})    // the broker is back
	wg.Go(func() {
		n, err := source.Produce(ctx, c, "calls", func(yield func(source.Record, error) bool) {
			for i := range total {
				if i == total/2 {
					select { // the second half meets a broker that is down
					case <-halfway:
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
		defer close(back)
		select {
		case <-halfway:
		case <-ctx.Done():
			return
		}
		broker.Kill(t)
		broker.Start(t) //nolint:contextcheck // it bounds itself
	})

	k := open(t, c)
	defer closing(t, k)
	seen := map[string]bool{}
	at := map[voc.Partition]int64{}
	var once sync.Once
	for len(seen) < total {
		s, err := k.Next(ctx)
		if err != nil {
			t.Fatalf("next, after %d messages: %v", len(seen), err)
		}
		err = s.Read(ctx, maps.Clone(at), func(m voc.Message) error {
			if m.Offset != at[m.Partition] {
				t.Errorf("%s: want offset %d", m, at[m.Partition])
			}
			at[m.Partition] = m.Offset + 1
			seen[string(m.Value)] = true
			if len(seen) >= total/4 {
				once.Do(func() { close(halfway) })
			}
			if len(seen) == total {
				return errEnough
			}
			return nil
		})
		if err != nil && len(seen) < total {
			t.Fatalf("read, after %d messages: %v", len(seen), err)
		}
		if len(seen) == total {
			if err := s.Commit(ctx, at); err != nil {
				t.Errorf("commit: %v", err)
			}
		}
	}
	<-back
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
		c.TLS.CA = broker.Certs.CA
		c.Group = t.Name() + addr
		if change != nil {
			change(&c)
		}
		return c
	}
	certified := func(c *source.Config) { c.TLS.Cert, c.TLS.Key = broker.Certs.Cert, broker.Certs.Key }
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
	other := pipelinetest.NewCertificates(t, t.TempDir())
	for name, x := range map[string]struct {
		c    source.Config
		want string
	}{
		"another authority": {at(broker.TLS, func(c *source.Config) { c.TLS.CA = other.CA }), "certificate"},
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
