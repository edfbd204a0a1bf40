package exports_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/voc"
)

// gone is a set of erased ids.
type gone map[string]bool

func (gone) Refresh() error             { return nil }
func (g gone) Holds(s voc.Subject) bool { return g[s.ID] }

func keep(t testing.TB, fsys exports.FS, do func(*exports.Keeper) error) error {
	t.Helper()
	k, err := exports.OpenKeeper(t.Context(), exports.Options{FS: fsys, Location: tokyo, Now: func() time.Time { return time.Unix(2e9, 0) }})
	if err != nil {
		return err
	}
	return errors.Join(do(k), k.Close())
}

func compact(t testing.TB, fsys exports.FS) (*exports.Compacted, error) {
	t.Helper()
	var out *exports.Compacted
	err := keep(t, fsys, func(k *exports.Keeper) (err error) {
		out, err = k.Compact(t.Context())
		return err
	})
	return out, err
}

func purge(t testing.TB, fsys exports.FS, g gone) (*exports.Purged, error) {
	t.Helper()
	var out *exports.Purged
	err := keep(t, fsys, func(k *exports.Keeper) (err error) {
		out, err = k.Purge(t.Context(), g)
		return err
	})
	return out, err
}

// without is lines without those of an id.
func without(lines []string, id string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.Contains(l, " "+id+" ") })
}

// tables leaves out what koe compact derives.
func tables(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.HasPrefix(l, "latest_") })
}

func TestCompactionJoinsFilesAndWritesWhatStands(t *testing.T) {
	t.Parallel()
	m := newMemFS()
	if err := play(t, m, history()); err != nil {
		t.Fatal(err)
	}
	want := rows(t, m)
	c, err := compact(t, m)
	if err != nil {
		t.Fatal(err)
	}
	got := rows(t, m)
	if d := gocmp.Diff(want, tables(got)); d != "" {
		t.Error(d)
	}
	perDay := map[string]int{}
	for name := range m.files() {
		if !strings.HasPrefix(name, "_") && strings.HasSuffix(name, ".parquet") {
			perDay[filepath.Dir(name)]++
		}
	}
	for day, n := range perDay {
		if n != 1 {
			t.Errorf("%s holds %d files", day, n)
		}
	}
	var latest []string
	for _, l := range got {
		if strings.HasPrefix(l, exports.LatestContacts) {
			latest = append(latest, l[:strings.LastIndexByte(l, ' ')])
		}
	}
	// t/b was deleted, t/a has a newer version.
	if d := gocmp.Diff([]string{"latest_contacts t/a 1", "latest_contacts t/c 2", "latest_contacts t/d 3"}, latest); d != "" {
		t.Error(d)
	}
	if c.Before <= c.After || c.Contacts != 3 || c.Latest != 1 {
		t.Errorf("%+v", c)
	}
	// Once more, nothing is left to do; and writers go on from where they were.
	if c, err = compact(t, m); err != nil || c.Days != 0 || c.Latest != 0 {
		t.Errorf("a second time: %+v, %v", c, err)
	}
	if err := play(t, m, append(history(), []voc.Item{pipelinetest.Item(part, 4, "t/e", "六")})); err != nil {
		t.Fatal(err)
	}
	if got := rows(t, m); len(tables(got)) != len(want)+2 {
		t.Errorf("%d rows after another contact, %d before", len(got), len(want))
	}
}

func TestPurgeTakesAContactOutOfEveryFile(t *testing.T) {
	t.Parallel()
	for _, compacted := range []bool{false, true} {
		m := newMemFS()
		if err := play(t, m, history()); err != nil {
			t.Fatal(err)
		}
		if compacted {
			if _, err := compact(t, m); err != nil {
				t.Fatal(err)
			}
		}
		before := rows(t, m)
		p, err := purge(t, m, gone{"t/a": true, "t/b": true})
		if err != nil {
			t.Fatal(err)
		}
		if d := gocmp.Diff(without(without(before, "t/a"), "t/b"), rows(t, m)); d != "" {
			t.Error(d)
		}
		if p.Contacts != 3 || p.Voices != 3 || p.Deletions != 1 {
			t.Errorf("%+v", p)
		}
		for name, n := range m.files() {
			for _, id := range []string{"t/a", "t/b", "一", "二", "三"} {
				if strings.Contains(string(n.seen), id) {
					t.Errorf("%s still holds %s", name, id)
				}
			}
		}
	}
}

func TestAWriterThatHeldAnErasedContactDoesNotWriteIt(t *testing.T) {
	t.Parallel()
	m, g := newMemFS(), gone{}
	s, err := exports.Open(t.Context(), exports.Options{FS: m, Location: tokyo, Erased: g})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Resume(t.Context(), []voc.Partition{part}); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), []voc.Item{pipelinetest.Item(part, 0, "t/a", "一"), pipelinetest.Item(part, 1, "t/b", "二")}); err != nil {
		t.Fatal(err)
	}
	g["t/a"] = true
	if _, err := purge(t, m, g); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := rows(t, m); len(got) != 2 || len(without(got, "t/a")) != 2 {
		t.Errorf("%q", got)
	}
}

// TestReadersSeeOldOrNew reads by glob, as other programs do, while writers
// write and a keeper compacts and purges.
func TestReadersSeeOldOrNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := exports.Open(t.Context(), exports.Options{FS: exports.Dir(dir), Location: tokyo})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Resume(t.Context(), []voc.Partition{part}); err != nil {
		t.Fatal(err)
	}
	put := func(n int64) error {
		return errors.Join(s.Write(t.Context(), []voc.Item{pipelinetest.Item(part, n, fmt.Sprintf("t/%d", n), "声")}), s.Flush(t.Context()))
	}
	if err := put(0); err != nil {
		t.Fatal(err)
	}
	flushes := int64(60)
	if testing.Short() { // with the race detector, at a fortieth of the speed
		flushes = 15
	}
	done, reads := make(chan struct{}), 0
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(done)
		for n := int64(1); n < flushes; n++ {
			if err := put(n); err != nil {
				t.Error(err)
				return
			}
		}
	})
	wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			default:
			}
			if _, err := compact(t, exports.Dir(dir)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	wg.Go(func() {
		for most := 0; ; reads++ {
			select {
			case <-done:
				return
			default:
			}
			got, err := byGlob(filepath.Join(dir, "contacts", "*", "*.parquet"))
			if err != nil {
				continue // a file went between the listing and the reading
			}
			slices.Sort(got)
			if n := len(slices.Compact(slices.Clone(got))); n != len(got) || n < most {
				t.Errorf("a reader saw %d rows, %d of them different, after it had seen %d", len(got), n, most)
				return
			}
			most = len(got)
			if _, err := all(t.Context(), dir); err != nil {
				t.Error(err)
				return
			}
		}
	})
	wg.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := all(t.Context(), dir); err != nil || n != int(flushes) {
		t.Errorf("%d contacts, %v", n, err)
	}
	t.Logf("%d reads beside %d flushes", reads, flushes)
}

func all(ctx context.Context, dir string) (n int, err error) {
	for _, err := range exports.Records(ctx, dir) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func byGlob(pattern string) (ids []string, err error) {
	names, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	type row struct {
		ID string `parquet:"id"`
	}
	for _, name := range names {
		rows, err := parquet.ReadFile[row](name)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}

func TestCrashesOfACompaction(t *testing.T) {
	t.Parallel()
	crashes(t, "compaction", func(m *memFS) error { _, err := compact(t, m); return err }, func(l []string) []string { return l })
}

func TestCrashesOfAnErasure(t *testing.T) {
	t.Parallel()
	crashes(t, "erasure", func(m *memFS) error { _, err := purge(t, m, gone{"t/a": true}); return err },
		func(l []string) []string { return without(l, "t/a") })
}

// crashes cuts the work off at every point, once by a loss of power and once
// by a kill with a loss of power in the recovery; the work done again, and all
// that writers bring later, leave what they leave without a crash.
func crashes(t *testing.T, what string, work func(*memFS) error, left func([]string) []string) {
	more := append(history(), []voc.Item{pipelinetest.Item(part, 4, "t/e", "六"), pipelinetest.Item(voc.Partition{Topic: "calls", ID: 1}, 3, "t/f", "七")})
	start := newMemFS()
	if err := play(t, start, history()); err != nil {
		t.Fatal(err)
	}
	start = start.kill() // the work begins on a file system of its own
	for _, n := range start.files() {
		n.synced = slices.Clone(n.seen)
	}
	before := rows(t, start)
	calm := start.kill()
	if err := errors.Join(work(calm), play(t, calm, more), work(calm)); err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(rows(t, calm), rows(t, calm.reboot())); d != "" {
		t.Fatalf("%s is undone by a loss of power: %s", what, d)
	}
	want, known := rows(t, calm), append(slices.Clone(before), rows(t, calm)...)
	points, losses := 0, 0
	finish := func(m *memFS, at, second int) {
		if err := errors.Join(play(t, m, more), work(m)); err != nil {
			t.Fatalf("%s, point %d, then %d: %v", what, at, second, err)
		}
		if d := gocmp.Diff(want, rows(t, m)); d != "" {
			t.Fatalf("%s, point %d, then %d: %s", what, at, second, d)
		}
	}
	for at := 1; ; at += stride() {
		m := start.kill()
		m.crashAt = at
		err := work(m)
		if err == nil {
			break
		}
		if !errors.Is(err, errCrash) {
			t.Fatalf("%s, point %d: %v", what, at, err)
		}
		points++
		seen := tables(rows(t, m.kill()))
		for _, l := range seen {
			if !slices.Contains(known, l) {
				t.Fatalf("%s, point %d: the tables hold %s", what, at, l)
			}
		}
		for _, l := range left(before) {
			if !slices.Contains(seen, l) {
				t.Fatalf("%s, point %d: %s is lost", what, at, l)
			}
		}
		finish(m.reboot(), at, 0)
		for second := 1 + at%5; ; second += 5 * stride() {
			again := m.kill()
			again.crashAt = second
			if play(t, again, more) == nil {
				break
			}
			losses++
			finish(again.reboot(), at, second)
			if second > 40 {
				break
			}
		}
	}
	t.Logf("%s: %d crash points, %d losses of power in the recovery", what, points, losses)
}

func TestFilesOfAnOlderKoeAreRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fsys := exports.Dir(dir)
	s, err := exports.Open(t.Context(), exports.Options{FS: fsys, Location: tokyo})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	type before struct { // schema 1: without the column erase
		RecordID   string    `parquet:"record_id"`
		Revision   string    `parquet:"revision"`
		RevisionAt time.Time `parquet:"revision_at,timestamp(microsecond:utc)"`
		Day        int32     `parquet:"day,date"`
		Topic      string    `parquet:"kafka_topic,dict"`
		Partition  int32     `parquet:"kafka_partition"`
		Offset     int64     `parquet:"kafka_offset,delta"`
	}
	if err := fsys.MkdirAll("deletions/dt=2026-10-05"); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC)
	for i, name := range []string{"a", "b"} {
		rev := voc.Revision{At: at, Topic: "calls", Offset: int64(i)}
		row := before{RecordID: "t/" + name, Revision: rev.String(), RevisionAt: at, Day: 20731, Topic: "calls", Offset: int64(i)}
		if _, _, err := exports.WriteFile(fsys, "deletions/dt=2026-10-05/"+name+".parquet", []before{row}, exports.FileOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := compact(t, fsys); err != nil {
		t.Fatal(err)
	}
	if _, err := purge(t, fsys, gone{"t/a": true}); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for d, err := range exports.DeletionsIn(t.Context(), dir) {
		if err != nil {
			t.Fatal(err)
		}
		if d.Erase {
			t.Errorf("%s became a tombstone", d.ID)
		}
		ids = append(ids, d.ID)
	}
	if d := gocmp.Diff([]string{"t/b"}, ids); d != "" {
		t.Error(d)
	}
}
