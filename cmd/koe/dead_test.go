package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/cmd/koe/demo"
	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/source"
)

func TestDeadRetryGivesWhatTheRightDecoderHadGiven(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program; run without -short")
	}
	broker, err := demo.StartBroker(1)
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	deadRetry(t, broker.Addrs())
}

func TestRealKafkaDeadRetry(t *testing.T) {
	deadRetry(t, []string{pipelinetest.StartKafka(t).Addr})
}

// deadRetry reads a topic of tickets with the wrong decoder, corrects it and
// retries: index and tables are then those of a koe that had the right decoder
// from the start.
func deadRetry(t *testing.T, brokers []string) {
	t.Helper()
	key, right, wrong := keyFile(t), newFolders(t), newFolders(t)
	produceTickets(t, brokers)
	addr := strings.Join(brokers, ",")
	for f, decoder := range map[folders]string{right: decode.Zendesk, wrong: decode.Contact} {
		run := koe(t, f, key, "run", "--brokers", addr, "--topics", "tickets="+decoder, "--group", decoder)
		if err := run.Start(); err != nil {
			t.Fatal(err)
		}
		until(t, run, f, key, "source:end", 1)
		stop(t, run)
	}
	out := func(to any, args ...string) {
		t.Helper()
		cmd := koe(t, wrong, key, append(args, "--json")...)
		b, err := cmd.Output()
		if err == nil {
			err = json.Unmarshal(b, to)
		}
		if err != nil {
			t.Fatalf("koe %s: %v\n%s", strings.Join(args, " "), err, cmd.Stderr)
		}
	}
	retry := func(what string, want retryResult, args ...string) {
		t.Helper()
		var got retryResult
		out(&got, append([]string{"dead", "retry", "--brokers", addr}, args...)...)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", what, d)
		}
	}
	retry("with the same decoder", retryResult{DeadLetters: 5, Still: 5}, "--topics", "tickets=contact")
	retry("a dry run", retryResult{DeadLetters: 5, Readable: 4, Still: 1}, "--topics", "tickets=zendesk", "--dry-run")
	retry("with the right decoder", retryResult{DeadLetters: 5, Readable: 4, Still: 1, Contacts: 3, Deleted: 1}, "--topics", "tickets=zendesk")
	retry("again", retryResult{DeadLetters: 1, Still: 1}, "--topics", "tickets=zendesk")
	// A lost state file repeats the retry, which the sinks have seen.
	if err := os.Remove(filepath.Join(wrong.data, "state", "dead_retried.jsonl")); err != nil {
		t.Fatal(err)
	}
	retry("without the state", retryResult{DeadLetters: 5, Readable: 4, Still: 1}, "--topics", "tickets=zendesk")
	n := len(indexLines(t, right.data))
	compare(t, "index", indexLines(t, right.data), indexLines(t, wrong.data), n)
	compare(t, "Parquet", parquetLines(t, right.out), parquetLines(t, wrong.out), n+1) // a version that was deleted later
	var list deadJSON
	if out(&list, "dead", "list"); list.DeadLetters != 1 || len(list.Letters) != 1 || list.Letters[0].Offset != 4 {
		t.Errorf("left: %+v", list)
	}
}

// produceTickets writes tickets, of which one is bad whatever reads it, and two
// messages that name their decoders themselves; the last tells when all was read.
func produceTickets(t *testing.T, brokers []string) {
	t.Helper()
	k := source.DefaultConfig()
	k.Brokers = brokers
	if err := source.CreateTopics(t.Context(), k, 2, "tickets"); err != nil {
		t.Fatal(err)
	}
	key := []byte("one partition")
	if _, err := source.Produce(t.Context(), k, "tickets", func(yield func(source.Record, error) bool) {
		for _, m := range fixtures(t, decode.Zendesk) {
			if !yield(source.Record{Key: key, Value: m}, nil) {
				return
			}
		}
		for _, m := range []struct{ value, decoder string }{
			{`{"id":"p-1","channel":"form","text":"普通の連絡です。"}`, decode.Plain},
			{`{"id":"end","source":"end","channel":"form","text":"終わり"}`, decode.Contact},
		} {
			if !yield(source.Record{Key: key, Value: []byte(m.value), Headers: map[string]string{decode.Header: m.decoder}}, nil) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
}
