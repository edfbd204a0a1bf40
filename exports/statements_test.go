package exports_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/voc"
)

// versions writes a folder with updates, deletes and, if deletes is set, a
// contact that came back after its delete.
func versions(t *testing.T, deletes bool) string {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := s.Resume(t.Context(), []voc.Partition{part}); err != nil {
		t.Fatal(err)
	}
	items := []voc.Item{
		pipelinetest.Item(part, 0, "t/a", "古い"), pipelinetest.Item(part, 1, "t/b", "消える"),
		pipelinetest.Item(part, 2, "t/a", "新しい"), pipelinetest.Item(part, 3, "t/c", "戻る"),
	}
	if deletes {
		items = append(items, pipelinetest.Item(part, 4, "t/b", ""), pipelinetest.Item(part, 5, "t/c", ""), pipelinetest.Item(part, 6, "t/c", "戻った"))
	}
	for i := range items {
		if err := errors.Join(s.Write(t.Context(), items[i:i+1]), s.Flush(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestStatements(t *testing.T) {
	dir := versions(t, true)
	all, err := exports.Statements(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "== %s\n%s", s.Reader, strings.ReplaceAll(s.Text, dir, "OUT"))
	}
	pipelinetest.Golden(t, *update, "statements.txt", b.String())
	if _, err := exports.Statements(t.TempDir()); err == nil || !strings.Contains(err.Error(), "koe load") {
		t.Errorf("a folder without tables: %v", err)
	}
}

// printed runs code in Python after the statements and returns its lines.
func printed(t *testing.T, python, statements, code string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, python, "-c", statements+code).CombinedOutput() //nolint:gosec // a test's own interpreter
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.Fields(string(out))
}

func TestReadersSeeWhatStands(t *testing.T) {
	python := filepath.Join(os.Getenv("KOE_TEST_CACHE"), "venv", "bin", "python")
	if _, err := os.Stat(python); os.Getenv("KOE_TEST_CACHE") == "" || err != nil {
		t.Skip("needs Python with duckdb, pyarrow, pandas and polars under $KOE_TEST_CACHE/venv")
	}
	run := map[string]func(statements string) (before, after string){
		"duckdb": func(s string) (string, string) {
			return "import duckdb\nduckdb.sql('''" + s + "''')\n", `
for row in duckdb.sql("SELECT id || '/' || text FROM contacts ORDER BY 1").fetchall() + duckdb.sql("SELECT record_id || '/' || evidence FROM voices ORDER BY 1").fetchall(): print(row[0])`
		},
		"pyarrow": func(s string) (string, string) {
			return s, `
for i, e in sorted(zip(contacts["id"], contacts["text"])) + sorted(zip(voices["record_id"], voices["evidence"])): print(i + "/" + e)`
		},
		"polars": func(s string) (string, string) {
			return s, `
c, v = contacts.collect(), voices.collect()
for i, e in sorted(zip(c["id"], c["text"])) + sorted(zip(v["record_id"], v["evidence"])): print(i + "/" + e)`
		},
	}
	want := map[bool][]string{
		false: {"t/a/新しい", "t/b/消える", "t/c/戻る", "t/a/新しい", "t/b/消える", "t/c/戻る"},
		true:  {"t/a/新しい", "t/c/戻った", "t/a/新しい", "t/c/戻った"},
	}
	for deletes, rows := range want {
		all, err := exports.Statements(versions(t, deletes))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			if run[s.Reader] == nil {
				continue // Spark is tried by hand: a session takes 7 s and 500 MB
			}
			before, after := run[s.Reader](s.Text)
			if d := gocmp.Diff(rows, printed(t, python, before, after)); d != "" {
				t.Errorf("%s, deletes %v: %s", s.Reader, deletes, d)
			}
		}
	}
}
