package exports_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/voc"
)

// history is what the crash test writes: two partitions, updates, a delete, a
// dead letter, several flushes.
func history() [][]voc.Item {
	q := voc.Partition{Topic: "calls", ID: 1}
	dead := voc.Item{Partition: q, Offset: 1, Time: time.Unix(1e9, 0), Dead: []voc.DeadLetter{{Partition: q, Offset: 1, Time: time.Unix(1e9, 0), Reason: voc.ReasonSyntax, Decoder: "t"}}}
	return [][]voc.Item{
		{pipelinetest.Item(part, 0, "t/a", "一"), pipelinetest.Item(q, 0, "t/b", "二"), dead},
		{pipelinetest.Item(part, 1, "t/a", "三"), pipelinetest.Item(part, 2, "t/c", "四")},
		{pipelinetest.Item(q, 2, "t/b", ""), pipelinetest.Item(part, 3, "t/d", "五")},
	}
}

// singly is history with a flush after each item: other files, the same rows.
func singly() (out [][]voc.Item) {
	for _, items := range history() {
		for i := range items {
			out = append(out, items[i:i+1])
		}
	}
	return out
}

// play runs a history from the sink's own positions to the end.
func play(t *testing.T, m *memFS, history [][]voc.Item) error {
	t.Helper()
	s, err := exports.Open(t.Context(), exports.Options{FS: m, Location: tokyo, FoldAt: 2, Now: func() time.Time { return time.Unix(2e9, 0) }})
	if err != nil {
		return err
	}
	if _, err := s.Resume(t.Context(), []voc.Partition{part, {Topic: "calls", ID: 1}}); err != nil {
		return err
	}
	for _, items := range history {
		if err := errors.Join(s.Write(t.Context(), items), s.Flush(t.Context())); err != nil {
			return err
		}
	}
	return s.Close()
}

// rows lists the rows in place: table, id or offset, revision.
func rows(t *testing.T, m *memFS) []string {
	t.Helper()
	var out []string
	for name, n := range m.files() {
		if strings.HasPrefix(name, "_") || !strings.HasSuffix(name, ".parquet") {
			continue
		}
		table, _, _ := strings.Cut(name, "/")
		type row struct {
			ID       string `parquet:"id,optional"`
			RecordID string `parquet:"record_id,optional"`
			Offset   int64  `parquet:"kafka_offset,optional"`
			Revision string `parquet:"revision,optional"`
		}
		got, err := parquet.Read[row](strings.NewReader(string(n.seen)), int64(len(n.seen)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range got {
			out = append(out, fmt.Sprintf("%s %s %d %s", table, cmp.Or(r.ID, r.RecordID), r.Offset, r.Revision))
		}
	}
	slices.Sort(out)
	return out
}

// stride is 1: every point. In short runs, which CI makes with the race
// detector at a fortieth of the speed, it leaves most points out.
func stride() int {
	if testing.Short() {
		return 17
	}
	return 1
}

// calm is what an undisturbed run leaves.
func calm(t *testing.T) []string {
	t.Helper()
	m := newMemFS()
	if err := play(t, m, history()); err != nil {
		t.Fatal(err)
	}
	want := rows(t, m)
	if len(want) < 10 {
		t.Fatalf("the history has %d rows", len(want))
	}
	return want
}

// crash plays the history on m until m fails.
func crash(t *testing.T, m *memFS, want []string) (crashed bool) {
	t.Helper()
	err := play(t, m, history())
	if err == nil {
		return false
	}
	if !errors.Is(err, errCrash) {
		t.Fatalf("crash point %d: %v", m.crashAt, err)
	}
	// The tables hold whole files and no row that does not belong there.
	for _, r := range rows(t, m.kill()) {
		if !slices.Contains(want, r) {
			t.Fatalf("crash point %d: the tables hold %s", m.crashAt, r)
		}
	}
	return true
}

func TestALossOfPowerAtAnyPointLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	want := calm(t)
	points := 0
	for at := 1; ; at += stride() {
		m := newMemFS()
		m.crashAt = at
		if !crash(t, m, want) {
			break
		}
		points++
		// Once more in the middle of the recovery, then to the end, with flushes
		// at other places: the same file written twice would not hide a row.
		again := m.reboot()
		again.crashAt = 1 + at%7
		_ = play(t, again, history())
		last := again.reboot()
		if err := play(t, last, singly()); err != nil {
			t.Fatalf("crash point %d: restart: %v", at, err)
		}
		if d := gocmp.Diff(want, rows(t, last)); d != "" {
			t.Fatalf("crash point %d: %s", at, d)
		}
	}
	t.Logf("%d crash points, each with a second crash during recovery", points)
}

func TestAKillAtAnyPointAndALossOfPowerAfterItLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	want := calm(t)
	points, losses := 0, 0
	for at := 1; ; at += stride() {
		m := newMemFS()
		m.crashAt = at
		if !crash(t, m, want) {
			break
		}
		points++
		killed := m.kill()
		if err := play(t, killed, singly()); err != nil {
			t.Fatalf("kill point %d: restart: %v", at, err)
		}
		if d := gocmp.Diff(want, rows(t, killed)); d != "" {
			t.Fatalf("kill point %d: %s", at, d)
		}
		// What the killed process had not synced is lost while the next recovers.
		for second := 1 + at%23; second < 60; second += 23 {
			again := m.kill()
			again.crashAt = second
			if play(t, again, singly()) == nil {
				break
			}
			losses++
			last := again.reboot()
			if err := play(t, last, [][]voc.Item{slices.Concat(history()...)}); err != nil {
				t.Fatalf("kill point %d, loss %d: restart: %v", at, second, err)
			}
			if d := gocmp.Diff(want, rows(t, last)); d != "" {
				t.Fatalf("kill point %d, loss %d: %s", at, second, d)
			}
		}
	}
	t.Logf("%d kill points, %d losses of power after them", points, losses)
}

func TestAFullDiskAtAnyPointIsSurvived(t *testing.T) {
	t.Parallel()
	want := calm(t)
	points := 0
	for at := 1; ; at += stride() {
		m := newMemFS()
		m.failAt, m.fail = at, syscall.ENOSPC
		s, err := exports.Open(t.Context(), exports.Options{FS: m, Location: tokyo, FoldAt: 2})
		if err == nil {
			err = feed(t, s)
		}
		if m.calls < at {
			break
		}
		points++
		if err != nil && !strings.Contains(err.Error(), "make room on the disk") {
			t.Fatalf("point %d: %v", at, err)
		}
		last := m.kill()
		if err := play(t, last, singly()); err != nil {
			t.Fatalf("point %d: restart: %v", at, err)
		}
		if d := gocmp.Diff(want, rows(t, last)); d != "" {
			t.Fatalf("point %d: %s", at, d)
		}
		if left, _ := last.List("_staging"); len(left) != 0 {
			t.Fatalf("point %d: staging holds %q", at, left)
		}
	}
	t.Logf("the disk was full at %d points", points)
}

// feed does as the runner does: what failed is tried again, and a superseded
// sink is asked where it wants to go on.
func feed(t *testing.T, s *exports.Sink) error {
	t.Helper()
	parts := []voc.Partition{part, {Topic: "calls", ID: 1}}
	var first error
	try := func(do func() error) {
		for range 3 {
			err := do()
			first = cmp.Or(first, err)
			if err == nil {
				return
			}
			if errors.Is(err, voc.ErrSuperseded) {
				if _, err := s.Resume(t.Context(), parts); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	try(func() error { _, err := s.Resume(t.Context(), parts); return err })
	for _, items := range history() {
		try(func() error { return s.Write(t.Context(), items) })
		try(func() error { return s.Flush(t.Context()) })
	}
	try(s.Close)
	if errors.Is(first, voc.ErrSuperseded) {
		return nil // its own entry was there: the next Resume read it
	}
	return first
}
