package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/demo"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/source"
)

// folders are where a run keeps its things.
type folders struct{ data, out string }

func newFolders(t *testing.T) folders {
	t.Helper()
	dir := t.TempDir()
	return folders{filepath.Join(dir, "d"), filepath.Join(dir, "o")}
}

// env makes koe write files often, hash with one key and use f.
func (f folders) env(key string) []string {
	return append(os.Environ(), "KOE_TEST_MAIN=1", "KOE_KEY_FILE="+key, "KOE_EXPORTS_MAX_ROWS=1500", "KOE_RUN_DRAIN=5m", "KOE_DATA="+f.data, "KOE_OUT="+f.out)
}

// koe starts the program itself: this test's binary.
func koe(t *testing.T, f folders, key string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = f.env(key)
	cmd.Stderr = &bytes.Buffer{}
	return cmd
}

func keyFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// parquetLines is every row of the tables, one line each.
func parquetLines(t *testing.T, out string) []string {
	t.Helper()
	var lines []string
	for r, err := range exports.Records(t.Context(), out) {
		if err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	slices.Sort(lines)
	return lines
}

// indexLines is every record of the index, one line each.
func indexLines(t *testing.T, data string) []string {
	t.Helper()
	var lines []string
	for r := range indexRecords(t, data) {
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	slices.Sort(lines)
	return lines
}

// compare fails if two runs did not come to the same rows.
func compare(t *testing.T, what string, want, got []string, n int) {
	t.Helper()
	if len(want) != n {
		t.Errorf("%s: the undisturbed run has %d rows, want %d", what, len(want), n)
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
	}
	if !slices.Equal(want, got) {
		d := cmp.Diff(want, got)
		t.Errorf("%s differs: %.2000s", what, d)
	}
}

// contacts asks a running koe how many contacts the query finds, −1 while it
// does not answer.
func contacts(t *testing.T, f folders, key, query string) int {
	t.Helper()
	out, err := koe(t, f, key, "search", query, "--size", "0", "--json").Output()
	if err != nil {
		return -1
	}
	var r index.Result
	if err := json.Unmarshal(out, &r); err != nil {
		return -1
	}
	return int(r.Contacts)
}

// until waits until the query finds n contacts in a running koe, for as long as a
// machine needs that is busy with other things and looks for races.
func until(t *testing.T, run *exec.Cmd, f folders, key, query string, n int) {
	t.Helper()
	for end := time.Now().Add(5*time.Minute + time.Duration(n)*2*time.Millisecond); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if contacts(t, f, key, query) >= n {
			return
		}
	}
	have := contacts(t, f, key, query)
	_ = run.Process.Kill()
	_ = run.Wait() // what it wrote is whole only now
	t.Fatalf("%d contacts, want %d\n%s", have, n, run.Stderr)
}

func stop(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("koe run ended with %v\n%s", err, cmd.Stderr)
	}
}

// undisturbed runs koe over the topics of the demo, in a group of its own, until
// n contacts are found.
func undisturbed(t *testing.T, f folders, key, brokers string, n int) {
	t.Helper()
	run := koe(t, f, key, "run", "--brokers", brokers, "--topics", "calls,chats", "--group", "calm")
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, run, f, key, "", n)
	stop(t, run)
}

// demoTopics makes the topics of the demo on a real broker.
func demoTopics(t *testing.T, broker *pipelinetest.Kafka) source.Config {
	t.Helper()
	k := source.DefaultConfig()
	k.Brokers = []string{broker.Addr}
	if err := source.CreateTopics(t.Context(), k, 3, demo.Calls, demo.Chats); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKoeRunGivesTheTablesOfTheDemo(t *testing.T) {
	key := keyFile(t)
	broker, err := demo.StartBroker(demoPartitions)
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	a, b := newFolders(t), newFolders(t)
	c := &cli{out: &bytes.Buffer{}, err: &bytes.Buffer{}}
	c.flags.quiet = true
	cfg := config.Default()
	cfg.Data, cfg.Out, cfg.KeyFile = a.data, a.out, key
	cfg.Kafka.Brokers, cfg.Kafka.Topics, cfg.Kafka.Group = broker.Addrs(), []string{demo.Calls, demo.Chats}, "demo"
	n, err := c.demoProduce(t.Context(), cfg, demoFlags{contacts: 500, seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.demoRun(t.Context(), cfg, n, demoFlags{keep: "kept"}); err != nil {
		t.Fatal(err)
	}
	undisturbed(t, b, key, strings.Join(broker.Addrs(), ","), n)
	compare(t, "index", indexLines(t, a.data), indexLines(t, b.data), n)
	compare(t, "Parquet", parquetLines(t, a.out), parquetLines(t, b.out), n)
}

// TestRealKafkaKillInTheMiddle kills koe twice while it reads 20,000 messages
// from a real broker, and compares with a run that nobody disturbed.
func TestRealKafkaKillInTheMiddle(t *testing.T) {
	broker := pipelinetest.StartKafka(t)
	key := keyFile(t)
	const n = 20_000
	k := demoTopics(t, broker)
	seq, err := demo.Generate(n, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range []string{demo.Calls, demo.Chats} {
		if _, err := source.Produce(context.Background(), k, topic, func(yield func(source.Record, error) bool) {
			for m := range seq {
				if m.Topic == topic && !yield(source.Record{Key: m.Key, Value: m.Value}, nil) {
					return
				}
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	start := func(f folders) *exec.Cmd {
		cmd := koe(t, f, key, "run", "--brokers", broker.Addr, "--topics", "calls,chats", "--group", "hurt")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	calm, hurt := newFolders(t), newFolders(t)
	undisturbed(t, calm, key, broker.Addr, n)
	for _, share := range []int{3, 6} {
		run := start(hurt)
		until(t, run, hurt, key, "", n*share/10)
		if err := run.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		var exit *exec.ExitError
		if err := run.Wait(); !errors.As(err, &exit) {
			t.Fatalf("the killed koe ended with %v", err)
		}
	}
	run := start(hurt)
	until(t, run, hurt, key, "", n)
	stop(t, run)
	compare(t, "index", indexLines(t, calm.data), indexLines(t, hurt.data), n)
	compare(t, "Parquet", parquetLines(t, calm.out), parquetLines(t, hurt.out), n)
	t.Log(fmt.Sprint(n) + " messages, killed at " + strconv.Itoa(n*3/10) + " and " + strconv.Itoa(n*6/10) + " contacts: index and Parquet equal, row for row")
}
