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
	"github.com/koe-voc/koe/pipeline/source"
)

// TestDeadRetryGivesWhatTheRightDecoderHadGiven reads a topic of tickets with
// the wrong decoder, corrects it and retries: index and tables are then those of
// a koe that had the right decoder from the start.
func TestDeadRetryGivesWhatTheRightDecoderHadGiven(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program; run without -short")
	}
	key, right, wrong := keyFile(t), newFolders(t), newFolders(t)
	broker, err := demo.StartBroker(1)
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	k := source.DefaultConfig()
	k.Brokers = broker.Addrs()
	if err := source.CreateTopics(t.Context(), k, 2, "tickets"); err != nil {
		t.Fatal(err)
	}
	plain := `{"id":"p-1","source":"crm","channel":"form","text":"普通の連絡です。"}`
	broken := `{"subject":"番号のない相談"}`
	if _, err := source.Produce(t.Context(), k, "tickets", func(yield func(source.Record, error) bool) {
		for _, m := range fixtures(t, decode.Zendesk) {
			if !yield(source.Record{Key: []byte("k"), Value: m}, nil) {
				return
			}
		}
		for _, v := range []string{plain, broken} {
			if !yield(source.Record{Key: []byte("k"), Value: []byte(v), Headers: map[string]string{decode.Header: decode.Plain}}, nil) {
				return
			}
		}
		// Right in both runs, so that each knows when all was read.
		yield(source.Record{Key: []byte("k"), Value: []byte(`{"id":"end","source":"end","channel":"form","text":"終わり"}`), Headers: map[string]string{decode.Header: decode.Contact}}, nil)
	}); err != nil {
		t.Fatal(err)
	}
	addr := strings.Join(broker.Addrs(), ",")
	for f, decoder := range map[folders]string{right: decode.Zendesk, wrong: decode.Contact} {
		run := koe(t, f, key, "run", "--brokers", addr, "--topics", "tickets="+decoder, "--group", decoder)
		if err := run.Start(); err != nil {
			t.Fatal(err)
		}
		until(t, run, f, key, "source:end", 1)
		stop(t, run)
	}
	out := func(args ...string) string {
		cmd := koe(t, wrong, key, args...)
		b, err := cmd.Output()
		if err != nil {
			t.Fatalf("koe %s: %v\n%s", strings.Join(args, " "), err, cmd.Stderr)
		}
		return string(b)
	}
	retry := func(args ...string) retryResult {
		t.Helper()
		var r retryResult
		if err := json.Unmarshal([]byte(out(append([]string{"dead", "retry", "--brokers", addr, "--json"}, args...)...)), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	if got := out("dead", "list"); !strings.Contains(got, "unknown") || !strings.Contains(got, "tickets") {
		t.Errorf("koe dead list:\n%s", got)
	}
	if d := cmp.Diff(retryResult{DeadLetters: 5, Still: 5}, retry("--topics", "tickets=contact")); d != "" {
		t.Errorf("with the same decoder: %s", d)
	}
	if d := cmp.Diff(retryResult{DeadLetters: 5, Readable: 4, Still: 1}, retry("--topics", "tickets=zendesk", "--dry-run")); d != "" {
		t.Errorf("a dry run: %s", d)
	}
	if d := cmp.Diff(retryResult{DeadLetters: 5, Readable: 4, Still: 1, Contacts: 3, Deleted: 1}, retry("--topics", "tickets=zendesk")); d != "" {
		t.Errorf("with the right decoder: %s", d)
	}
	if d := cmp.Diff(retryResult{DeadLetters: 1, Still: 1}, retry("--topics", "tickets=zendesk")); d != "" {
		t.Errorf("again: %s", d)
	}
	// A lost state file repeats the retry, which the sinks have seen.
	if err := os.Remove(filepath.Join(wrong.data, "state", "dead_retried.jsonl")); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(retryResult{DeadLetters: 5, Readable: 4, Still: 1}, retry("--topics", "tickets=zendesk")); d != "" {
		t.Errorf("without the state: %s", d)
	}
	n := len(indexLines(t, right.data))
	compare(t, "index", indexLines(t, right.data), indexLines(t, wrong.data), n)
	compare(t, "Parquet", parquetLines(t, right.out), parquetLines(t, wrong.out), n+1) // a version that was deleted later
	var list deadJSON
	if err := json.Unmarshal([]byte(out("dead", "list", "--json")), &list); err != nil {
		t.Fatal(err)
	}
	if list.DeadLetters != 1 || len(list.Letters) != 1 || list.Letters[0].Offset != 4 {
		t.Errorf("left: %+v", list)
	}
}
