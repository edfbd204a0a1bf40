package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/koe-voc/koe/cmd/koe/demo"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/query"
	"github.com/koe-voc/koe/index/web"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/source"
)

// soak returns the number in an environment variable that .ci/soak sets, or
// skips the test: it measures, which takes minutes and an idle machine.
func soak(t *testing.T, name string) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		t.Skip(name + " is unset; .ci/soak sets it")
	}
	return n
}

// found asks a running koe how many contacts are searchable.
func found(ctx context.Context, t *testing.T, c *web.Client) int {
	t.Helper()
	r, err := c.Search(ctx, index.Request{Query: query.All{}})
	if err != nil {
		t.Fatal(err)
	}
	return int(r.Contacts)
}

// dial waits for the socket of a koe that has just been started.
func dial(t *testing.T, data string) *web.Client {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		c, err := web.Dial(t.Context(), data)
		if err == nil {
			t.Cleanup(func() { _ = c.Close() })
			return c
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// TestSoakLag measures how long it takes from when a contact is handed to the
// broker until it is found, at 500 contacts a second, both sinks on. The nth
// contact that is found counts as the nth that was written: the partitions run
// side by side.
func TestSoakLag(t *testing.T) {
	seconds := soak(t, "KOE_SOAK_SECONDS")
	const (
		rate = 500
		warm = 10 // seconds in which the group forms and caches fill, which do not count
	)
	n := rate * seconds
	broker, key, f := pipelinetest.StartKafka(t), keyFile(t), newFolders(t)
	k := demoTopics(t, broker)
	run := koe(t, f, key, "run", "--brokers", broker.Addr, "--topics", "calls,chats", "--group", "lag")
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	client := dial(t, f.data)
	wrote := make(chan time.Time, n)
	failed := make(chan error, 1)
	go func() { failed <- evenly(t.Context(), k, n, rate, wrote) }()
	var lags []time.Duration
	for end := time.Now().Add(time.Duration(seconds+60) * time.Second); len(lags) < n; time.Sleep(20 * time.Millisecond) {
		for now := found(t.Context(), t, client); len(lags) < now; {
			lags = append(lags, time.Since(<-wrote))
		}
		if time.Now().After(end) {
			t.Fatalf("%d of %d contacts found", len(lags), n)
		}
	}
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	stop(t, run)
	lags = lags[min(warm*rate, len(lags)/2):]
	slices.Sort(lags)
	at := func(share float64) time.Duration {
		return lags[int(share*float64(len(lags)-1))].Round(time.Millisecond)
	}
	t.Logf("%d contacts at %d a second: searchable after p50 %v, p90 %v, p99 %v, most %v", n, rate, at(.5), at(.9), at(.99), at(1))
	if at(.99) > 2*time.Second {
		t.Errorf("p99 is over 2 s")
	}
}

// evenly writes n contacts at a rate, in steps of 20 ms, and says when each was
// handed to the broker.
func evenly(ctx context.Context, cfg source.Config, n, rate int, wrote chan<- time.Time) error {
	seq, err := demo.Generate(n, 3)
	if err != nil {
		return err
	}
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	w := &kafka.Writer{Addr: kafka.TCP(cfg.Brokers...), Transport: transport, Balancer: kafka.Murmur2Balancer{}, RequiredAcks: kafka.RequireAll, BatchTimeout: time.Millisecond}
	var step []kafka.Message
	put := func() error {
		for range step {
			wrote <- time.Now()
		}
		err := w.WriteMessages(ctx, step...)
		step = step[:0]
		return err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for m := range seq {
		if step = append(step, kafka.Message{Topic: m.Topic, Key: m.Key, Value: m.Value}); len(step) == rate/50 {
			<-tick.C
			if err := put(); err != nil {
				return err
			}
		}
	}
	return errors.Join(put(), w.Close())
}

// TestSoakMemory measures the memory of koe run while it reads a backlog of
// KOE_SOAK_MESSAGES: what is anonymous in its resident set, and how that grows
// over the second half.
func TestSoakMemory(t *testing.T) {
	n := soak(t, "KOE_SOAK_MESSAGES")
	broker, key, f := pipelinetest.StartKafka(t), keyFile(t), newFolders(t)
	k := demoTopics(t, broker)
	if err := steadily(t.Context(), k, n, 0); err != nil {
		t.Fatal(err)
	}
	run := koe(t, f, key, "run", "--brokers", broker.Addr, "--topics", "calls,chats", "--group", "memory")
	run.Env = append(run.Env, "KOE_EXPORTS_MAX_ROWS=20000", "GOMEMLIMIT=700MiB")
	begin := time.Now()
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	client := dial(t, f.data)
	var at, mb []float64 // contacts in units of 100,000; megabytes
	for seen, next := 0, 0; seen < n; time.Sleep(time.Second) {
		seen = found(t.Context(), t, client)
		at, mb = append(at, float64(seen)/1e5), append(mb, anonymous(t, run.Process.Pid))
		if seen >= next {
			t.Logf("%8d contacts after %5.0f s: RssAnon %4.0f MB", seen, time.Since(begin).Seconds(), mb[len(mb)-1])
			next = seen + n/20
		}
		if time.Since(begin) > time.Minute+time.Duration(n)*3*time.Millisecond {
			t.Fatalf("%d of %d contacts found", seen, n)
		}
	}
	used := time.Since(begin)
	stop(t, run)
	half := len(at) / 2
	t.Logf("%d contacts in %.0f s, most %.0f MB, second half: mean %.0f MB, slope %+.1f MB per 100,000", n, used.Seconds(), slices.Max(mb), mean(mb[half:]), slope(at[half:], mb[half:]))
}

// anonymous is RssAnon of a process, in MB.
func anonymous(t *testing.T, pid int) float64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return float64(kb) / 1024
}

func mean(list []float64) float64 {
	sum := 0.0
	for _, x := range list {
		sum += x
	}
	return sum / float64(len(list))
}

// slope is that of the line of least squares.
func slope(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	var xy, xx float64
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
	}
	return xy / xx
}
