package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/koe-voc/koe/cmd/koe/demo"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/source"
)

// member is a koe run that is killed and started again.
type member struct {
	name    string
	folders folders
	sinks   string
	cmd     *exec.Cmd // nil: it does not run
}

// chaos is what TestRealKafkaRandomKills plays with.
type chaos struct {
	broker  *pipelinetest.Kafka
	key     string
	random  *rand.Rand
	members []*member
}

func (c *chaos) start(t *testing.T, m *member) {
	t.Helper()
	m.cmd = koe(t, m.folders, c.key, "run", "--brokers", c.broker.Addr, "--topics", "calls,chats", "--group", m.sinks)
	m.cmd.Env = append(m.cmd.Env, "KOE_SINKS="+m.sinks, "KOE_EXPORTS_MAX_AGE=2s", "KOE_EXPORTS_MAX_ROWS=300")
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// kill ends a member as a loss of its machine would.
func (c *chaos) kill(t *testing.T, m *member) {
	t.Helper()
	if err := m.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := m.cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL { //nolint:forcetypeassert // Linux and macOS
		t.Fatalf("%s ended by itself, with %v\n%s", m.name, err, m.cmd.Stderr)
	}
	m.cmd = nil
}

// freeze stops a member for longer than its session and lets it go on: a zombie
// that still holds rows of partitions that others have by then.
func (c *chaos) freeze(t *testing.T, m *member) {
	t.Helper()
	if err := m.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	time.Sleep(source.DefaultConfig().SessionTimeout + 3*time.Second)
	if err := m.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// pause lets a random time go by, most often a short one.
func (c *chaos) pause(most time.Duration) {
	x := c.random.Float64()
	time.Sleep(time.Duration(x * x * float64(most)))
}

// strike does one act: it kills a member that runs, which stays away for a
// while so that its partitions move, or freezes one of the tables' writers.
func (c *chaos) strike(t *testing.T) string {
	t.Helper()
	c.pause(4 * time.Second)
	var up []*member
	for _, m := range c.members {
		if m.cmd != nil {
			up = append(up, m)
		}
	}
	m := up[c.random.IntN(len(up))]
	act := "killed "
	if m.sinks == "exports" && c.random.IntN(8) == 0 {
		act = "froze "
		c.freeze(t, m)
	} else {
		c.kill(t, m)
		c.pause(3 * time.Second)
	}
	for _, o := range c.members { // one of those that are away comes back, or all if one is left
		if o.cmd == nil && (o.sinks == "index" || c.random.IntN(2) == 0 || len(up) < 3) {
			c.start(t, o)
		}
	}
	return act + m.name
}

// strikes is how many times TestRealKafkaRandomKills strikes: .ci/soak says 200.
func strikes() int {
	n, err := strconv.Atoi(os.Getenv("KOE_KILLS"))
	if err != nil {
		return 12
	}
	return n
}

// TestRealKafkaRandomKills kills processes of koe at random moments while
// producers write to a real broker: three that write the tables, between which
// the partitions move, and one that fills the index. At the end both hold what a
// run that nobody disturbed makes of the same messages, row for row.
func TestRealKafkaRandomKills(t *testing.T) {
	c := &chaos{broker: pipelinetest.StartKafka(t), key: keyFile(t)}
	seed := uint64(time.Now().UnixNano())
	c.random = rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // chaos, not secrecy
	acts, total := map[string]int{}, strikes()
	n := 500 * total
	topics := demoTopics(t, c.broker)
	shared := newFolders(t)
	for i := range 3 {
		name := "writer " + strconv.Itoa(i+1)
		c.members = append(c.members, &member{name: name, sinks: "exports", folders: folders{filepath.Join(t.TempDir(), "d"), shared.out}})
	}
	c.members = append(c.members, &member{name: "index", sinks: "index", folders: newFolders(t)})
	for _, m := range c.members {
		c.start(t, m)
	}
	written := make(chan error, 1)
	go func() { written <- steadily(t.Context(), topics, n, time.Duration(total)*3*time.Second) }()
	for range total {
		acts[c.strike(t)]++
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	for _, m := range c.members {
		if m.cmd == nil {
			c.start(t, m)
		}
	}
	index := c.members[3]
	until(t, index.cmd, index.folders, c.key, "", n)
	for end := time.Now().Add(5 * time.Minute); len(parquetLines(t, shared.out)) < n; time.Sleep(time.Second) {
		if time.Now().After(end) {
			t.Fatalf("seed %d: the tables have %d rows, want %d", seed, len(parquetLines(t, shared.out)), n)
		}
	}
	for _, m := range c.members {
		stop(t, m.cmd)
	}
	calm := newFolders(t)
	undisturbed(t, calm, c.key, c.broker.Addr, n)
	compare(t, "index", indexLines(t, calm.data), indexLines(t, index.folders.data), n)
	compare(t, "Parquet", parquetLines(t, calm.out), parquetLines(t, shared.out), n)
	t.Logf("seed %d: %d messages, %v: index and Parquet equal to a calm run's, row for row", seed, n, acts)
}

// steadily writes n messages over a time.
func steadily(ctx context.Context, cfg source.Config, n int, over time.Duration) error {
	seq, err := demo.Generate(n, 3)
	if err != nil {
		return err
	}
	queues := map[string]chan source.Record{demo.Calls: make(chan source.Record), demo.Chats: make(chan source.Record)}
	done := make(chan error, len(queues))
	for topic, queue := range queues {
		go func() {
			_, err := source.Produce(ctx, cfg, topic, func(yield func(source.Record, error) bool) {
				for r := range queue {
					if !yield(r, nil) {
						return
					}
				}
			})
			done <- err
		}()
	}
	begin, i := time.Now(), 0
	for m := range seq {
		if ahead := time.Duration(i)*over/time.Duration(n) - time.Since(begin); ahead > 0 {
			time.Sleep(ahead)
		}
		select {
		case queues[m.Topic] <- source.Record{Key: bytes.Clone(m.Key), Value: m.Value}:
		case <-ctx.Done():
			return ctx.Err()
		}
		i++
	}
	for _, queue := range queues {
		close(queue)
	}
	var errs []error
	for range queues {
		errs = append(errs, <-done)
	}
	return errors.Join(errs...)
}
