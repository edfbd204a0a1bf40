package main

import (
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

	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/index"
)

// TestKillAtEverySystemCall kills the program, bleve included, at the k-th call
// of each kind that changes a file, for k = 1, 2, … until it comes to its end,
// lets it run again, and compares index and tables with a run that nobody
// disturbed. strace counts by thread: the k-th call of the thread that first
// makes so many.
func TestKillAtEverySystemCall(t *testing.T) {
	stride := killStride(t)
	k := newKills(t)
	all := 0
	for _, w := range []struct {
		name  string
		setup []string // commands before
		args  string
	}{
		{"compact", []string{"load a.jsonl", "load b.jsonl"}, "compact"},
		{"load", []string{"load a.jsonl"}, "load b.jsonl"},
		{"erase", []string{"load a.jsonl", "load b.jsonl", "compact"}, "erase --id crm/1"},
		{"rebuild", []string{"load a.jsonl", "load b.jsonl"}, "rebuild"},
	} {
		t.Run(w.name, func(t *testing.T) { all += k.workload(t, stride, w.name, w.setup, w.args) })
	}
	t.Logf("%d kills, each with a restart and a comparison, row for row", all)
}

// killStride is how many points a test of every point goes on by; without it
// the test is skipped.
func killStride(t *testing.T) int {
	t.Helper()
	stride, err := strconv.Atoi(os.Getenv("KOE_KILL_STRIDE"))
	if err != nil || stride < 1 {
		t.Skip("takes long: KOE_KILL_STRIDE=1 kills at every call (.ci/soak), 9 at every ninth (.ci/run)")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("KOE_CI") != "" {
			t.Fatal("strace is not installed")
		}
		t.Skip("needs strace (apt-get install strace)")
	}
	return stride
}

// workload kills one command and returns how often.
func (k *kills) workload(t *testing.T, stride int, name string, setup []string, args string) (kills int) {
	t.Helper()
	before, calm := filepath.Join(k.dir, name), filepath.Join(k.dir, name+"-calm")
	k.fresh(t, before)
	for _, line := range setup {
		k.koe(t, before, line)
	}
	k.copy(t, before, calm)
	k.koe(t, calm, args)
	want := k.state(t, calm)
	if len(want) < 5 {
		t.Fatalf("%s leaves %q", name, want)
	}
	for _, call := range []string{"write", "pwrite64", "fsync", "fdatasync", "/^rename", "/^unlink", "ftruncate"} {
		n := 0
		for at := 1; ; at += stride {
			dir := filepath.Join(k.dir, "run")
			// Threads share the calls out anew each time: a run that comes to its
			// end is tried again.
			killed := false
			for try := 0; try < 2 && !killed; try++ {
				k.copy(t, before, dir)
				killed = k.kill(t, dir, call, at, args)
			}
			if !killed {
				break
			}
			n++
			k.koe(t, dir, args)
			if d := cmp.Diff(want, k.state(t, dir)); d != "" {
				t.Fatalf("%s, killed at %s %d: %s", name, call, at, d)
			}
		}
		t.Logf("%s: %d kills at %s", name, n, call)
		kills += n
	}
	return kills
}

// kills is what the test works with.
type kills struct {
	dir, key string
	lab      *labeller
}

func newKills(t *testing.T) *kills {
	t.Helper()
	k := &kills{dir: t.TempDir()}
	k.key = filepath.Join(k.dir, "key")
	if err := os.WriteFile(k.key, []byte(strings.Repeat("0f", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if k.lab, err = newWords(fresh(t)); err != nil {
		t.Fatal(err)
	}
	return k
}

// fresh makes a folder with the files to load: an update, a delete, a row that
// cannot be read, two days.
func (k *kills) fresh(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"a.jsonl": `{"id":"1","source":"crm","channel":"call","occurred_at":"2026-10-01T10:00:00+09:00","note":"鍋が届かない。"}
{"id":"2","source":"crm","channel":"call","occurred_at":"2026-10-01T11:00:00+09:00","note":"店員が親切だった。"}
{"id":"3","source":"crm","channel":"call","occurred_at":"2026-10-02T11:00:00+09:00","nps":99,"note":"店員が親切だった。"}
`,
		"b.jsonl": `{"id":"1","source":"crm","channel":"call","occurred_at":"2026-10-01T10:00:00+09:00","updated_at":"2026-10-03T10:00:00+09:00","note":"鍋は届いたが、遅い。"}
{"id":"4","source":"crm","channel":"call","occurred_at":"2026-10-02T11:00:00+09:00","note":"返金してほしい。"}
{"schema":"koe.delete/1","id":"2","source":"crm","updated_at":"2026-10-03T10:00:00+09:00"}
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 10, 4, 0, 0, 0, 0, time.UTC) // the message's time
		if err := os.Chtimes(filepath.Join(dir, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func (k *kills) copy(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func (k *kills) env() []string {
	return append(os.Environ(), "KOE_TEST_MAIN=1", "KOE_KEY_FILE="+k.key, "KOE_DATA=d", "KOE_OUT=o")
}

// koe runs a command to its end.
func (k *kills) koe(t *testing.T, dir, line string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], strings.Fields(line)...)
	cmd.Dir, cmd.Env = dir, k.env()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("koe %s: %v: %s", line, err, out)
	}
}

// kill runs a command that is killed at the k-th call; killed is false if it
// came to its end.
func (k *kills) kill(t *testing.T, dir, call string, at int, line string) (killed bool) {
	t.Helper()
	args := []string{
		"-f", "-o", os.DevNull, "-e", "trace=" + call,
		"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, at), os.Args[0],
	}
	cmd := exec.CommandContext(t.Context(), "strace", append(args, strings.Fields(line)...)...)
	// With one processor most calls are made by one thread, so that k goes far.
	cmd.Dir, cmd.Env = dir, append(k.env(), "GOMAXPROCS=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		return false
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if s, ok := exit.Sys().(syscall.WaitStatus); ok && (s.Signaled() && s.Signal() == syscall.SIGKILL || s.ExitStatus() == 128+int(syscall.SIGKILL)) {
			return true
		}
	}
	t.Fatalf("strace of koe %s at %s %d: %v: %s", line, call, at, err, out)
	return false
}

// state lists what index and tables hold, row for row.
func (k *kills) state(t *testing.T, dir string) []string {
	t.Helper()
	var rows []string
	add := func(kind string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, kind+" "+string(text))
	}
	x, err := index.Open(index.Options{Dir: filepath.Join(dir, "d"), Location: fresh(t).Location(), Words: k.lab.words, Dict: k.lab.dict})
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range x.Records(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		add("index", r)
	}
	for p, n := range x.Durable() {
		add("position", []any{p, n})
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "o")
	for r, err := range exports.Records(t.Context(), out) {
		if err != nil {
			t.Fatal(err)
		}
		add("contact", r)
	}
	for d, err := range exports.DeadLettersIn(t.Context(), out) {
		if err != nil {
			t.Fatal(err)
		}
		add("dead", d)
	}
	for d, err := range exports.DeletionsIn(t.Context(), out) {
		if err != nil {
			t.Fatal(err)
		}
		add("deletion", d)
	}
	counts, err := exports.Counts(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range counts {
		add("rows", []any{c.Table, c.Rows})
	}
	slices.Sort(rows)
	return rows
}
