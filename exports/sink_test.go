package exports_test

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parquet-go/parquet-go"

	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/voc"
)

var (
	update               = pipelinetest.UpdateFlag()
	_      pipeline.Sink = (*exports.Sink)(nil)
	tokyo                = time.FixedZone("Asia/Tokyo", 9*60*60)
	part                 = voc.Partition{Topic: "calls", ID: 0}
)

func open(t *testing.T, dir string) *exports.Sink {
	t.Helper()
	s, err := exports.Open(t.Context(), exports.Options{FS: exports.Dir(dir), Location: tokyo})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// dump tells the newest version of each contact that was not deleted later.
func dump(t *testing.T, dir string) []string {
	t.Helper()
	newest := map[string]*voc.Record{}
	for r, err := range exports.Records(t.Context(), dir) {
		if err != nil {
			t.Fatal(err)
		}
		if old := newest[r.ID]; old == nil || old.Revision.Compare(r.Revision) < 0 {
			newest[r.ID] = r
		}
	}
	names, _ := filepath.Glob(filepath.Join(dir, "deletions", "*", "*.parquet"))
	for _, name := range names {
		rows, err := parquet.ReadFile[struct {
			ID       string `parquet:"record_id"`
			Revision string `parquet:"revision"`
		}](name)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range rows {
			rev, err := voc.ParseRevision(d.Revision)
			if err != nil {
				t.Fatal(err)
			}
			if r := newest[d.ID]; r != nil && r.Revision.Compare(rev) < 0 {
				delete(newest, d.ID)
			}
		}
	}
	var out []string
	for id, r := range newest {
		out = append(out, id+" "+r.Text)
	}
	slices.Sort(out)
	return out
}

func TestConformance(t *testing.T) {
	pipelinetest.TestSink(t, pipelinetest.SinkUnderTest{
		Open: func(t *testing.T, dir string) pipeline.Sink { return open(t, dir) },
		Dump: dump,
	})
}

func full() *voc.Record {
	text := "担当の[氏名]です\n届くのが遅い。\nカビ"
	three, at := 3, time.Date(2026, 10, 4, 20, 30, 0, 123000, time.UTC)
	from := strings.Index(text, "届く")
	ev := voc.Span{From: from, To: from + len("届くのが遅い")}
	return &voc.Record{
		ID: "crm/1", Source: "crm", Revision: voc.Revision{At: at, Topic: "calls", Partition: 0, Offset: 3}, Channel: voc.ChannelChat, Direction: voc.Inbound,
		OccurredAt: at, EndedAt: at.Add(time.Minute), UpdatedAt: at.Add(time.Hour), CustomerKey: "h1:aa", ThreadID: "t1", Product: "炊飯器", Lot: "L1", Shop: "新宿店", Queue: "配送",
		AgentKey: "h1:bb", Categories: []string{"配送/遅延", "その他"}, Disposition: "完了", Attrs: []voc.Attr{{Name: "地域", Value: "関東"}, {Name: "年代", Value: "40"}},
		NPS: &three, CSAT: new(int), Handling: voc.Handling{Wait: &three, Transfers: new(int)}, Text: text,
		Segments: []voc.Segment{{Role: voc.AgentTurn, Span: voc.Span{To: from - 1}}, {Role: voc.CustomerTurn, Span: voc.Span{From: from, To: len(text)}, At: at}},
		Masked:   map[string]int{"person": 1},
		Voices: []voc.Voice{{
			Type: voc.Complaint, Aspect: voc.Delivery, Sub: "遅延", Evidence: ev, Target: "届く", Polarity: -2, Qualities: []string{"speed"}, Prior: "common", PriorFrom: "past",
			Fulfilment: "below", TouchPoint: "delivery", Journey: "receipt", Response: true, Rule: "r1", Confidence: .75,
		}, {Type: voc.Inquiry, Aspect: voc.Price, Kind: "question", Evidence: ev, Rule: "r2", Confidence: 1}},
		Risks: []voc.Flag{{Name: "churn", Evidence: ev, Rule: "k1"}}, Signals: []voc.Flag{{Name: "fraud", Evidence: ev, Rule: "s1"}},
		Mentions: []voc.Mention{{Kind: "jan", Value: "4901234567894", Span: ev}}, Unclassified: []voc.Unclassified{{Evidence: ev, Reason: "aspect"}},
		Definition: "d1",
	}
}

func TestARecordComesBackEqual(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := s.Resume(t.Context(), []voc.Partition{part}); err != nil {
		t.Fatal(err)
	}
	want := full()
	bare := &voc.Record{ID: "crm/2", Source: "crm", Revision: voc.Revision{At: want.OccurredAt, Topic: "calls", Offset: 4}, Channel: voc.ChannelCall, OccurredAt: want.OccurredAt, Text: "無言", Definition: "d1"}
	items := []voc.Item{
		{Partition: part, Offset: 3, Time: want.OccurredAt, Changes: []voc.Applied{{ID: want.ID, Revision: want.Revision, Record: want}}},
		{Partition: part, Offset: 4, Time: want.OccurredAt, Changes: []voc.Applied{{ID: bare.ID, Revision: bare.Revision, Record: bare}}},
	}
	if err := errors.Join(s.Write(t.Context(), items), s.Close()); err != nil {
		t.Fatal(err)
	}
	var got []*voc.Record
	for r, err := range exports.Records(t.Context(), dir) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if d := gocmp.Diff([]*voc.Record{want, bare}, got, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	// 20:30 UTC is the next day in Japan.
	if names, _ := filepath.Glob(filepath.Join(dir, "contacts", "dt=2026-10-05", "*.parquet")); len(names) != 1 {
		t.Errorf("files of 5 October: %v", names)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "_staging", "*")); len(left) != 0 {
		t.Errorf("left in staging: %v", left)
	}
}

func TestSchemas(t *testing.T) {
	for _, table := range exports.Tables() {
		s, err := exports.Schema(table)
		if err != nil {
			t.Fatal(err)
		}
		pipelinetest.Golden(t, *update, "schema-"+table+".txt", s+"\n")
	}
}

func TestColumnsHaveNoTypeLength(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := s.Resume(t.Context(), []voc.Partition{part}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Write(t.Context(), []voc.Item{pipelinetest.Item(part, 0, "t/a", "声")}), s.Close()); err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*", "dt=*", "*.parquet"))
	if len(names) != 2 {
		t.Fatalf("files: %v", names)
	}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		st, _ := f.Stat()
		p, err := parquet.OpenFile(f, st.Size())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Metadata().Schema {
			if e.TypeLength.Valid {
				t.Errorf("%s: %s has a type length", name, e.Name)
			}
		}
		if v, _ := p.Lookup("koe.definition_version"); v != "d1" {
			t.Errorf("%s: definition version %q", name, v)
		}
		f.Close()
	}
}

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

// play runs history from the sink's own positions to the end.
func play(t *testing.T, m *memFS) error {
	t.Helper()
	s, err := exports.Open(t.Context(), exports.Options{FS: m, Location: tokyo, Now: func() time.Time { return time.Unix(2e9, 0) }})
	if err != nil {
		return err
	}
	if _, err := s.Resume(t.Context(), []voc.Partition{part, {Topic: "calls", ID: 1}}); err != nil {
		return err
	}
	for _, items := range history() {
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
	for name, n := range m.names {
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

func TestACrashAtAnyPointLosesAndDoublesNothing(t *testing.T) {
	calm := newMemFS()
	if err := play(t, calm); err != nil {
		t.Fatal(err)
	}
	want := rows(t, calm)
	if len(want) < 10 {
		t.Fatalf("the history has %d rows", len(want))
	}
	points := 0
	for at := 1; ; at++ {
		m := newMemFS()
		m.crashAt = at
		err := play(t, m)
		if err == nil {
			break
		}
		if !errors.Is(err, errCrash) {
			t.Fatalf("crash point %d: %v", at, err)
		}
		points++
		// Once more in the middle of the recovery, then to the end.
		again := m.reboot()
		again.crashAt = 1 + at%7
		_ = play(t, again)
		last := again.reboot()
		if err := play(t, last); err != nil {
			t.Fatalf("crash point %d: restart: %v", at, err)
		}
		if d := gocmp.Diff(want, rows(t, last)); d != "" {
			t.Fatalf("crash point %d: %s", at, d)
		}
	}
	t.Logf("%d crash points, each with a second crash during recovery", points)
}

func TestTheLoserOfASwapReadsOnFromTheWinner(t *testing.T) {
	dir := t.TempDir()
	zombie, owner := open(t, dir), open(t, dir)
	for _, s := range []*exports.Sink{zombie, owner} {
		if _, err := s.Resume(t.Context(), []voc.Partition{part}); err != nil {
			t.Fatal(err)
		}
	}
	items := []voc.Item{pipelinetest.Item(part, 0, "t/a", "一"), pipelinetest.Item(part, 1, "t/b", "二")}
	if err := errors.Join(zombie.Write(t.Context(), items[:1]), owner.Write(t.Context(), items), owner.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	if err := zombie.Flush(t.Context()); !errors.Is(err, pipeline.ErrSuperseded) {
		t.Fatalf("the zombie's flush: %v", err)
	}
	next, err := zombie.Resume(t.Context(), []voc.Partition{part})
	if err != nil || next[part] != 2 {
		t.Errorf("the zombie resumes at %v, error %v", next, err)
	}
	if err := errors.Join(zombie.Close(), owner.Close()); err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff([]string{"t/a 一", "t/b 二"}, dump(t, dir)); d != "" {
		t.Error(d)
	}
}

func TestOldEntriesAreFoldedAndAZombieStillLoses(t *testing.T) {
	dir := t.TempDir()
	zombie, owner := open(t, dir), open(t, dir)
	for _, s := range []*exports.Sink{zombie, owner} {
		if _, err := s.Resume(t.Context(), []voc.Partition{part}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range int64(300) {
		if err := errors.Join(owner.Write(t.Context(), []voc.Item{{Partition: part, Offset: i, Time: time.Unix(0, 0)}}), owner.Flush(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	entries, _ := filepath.Glob(filepath.Join(dir, "_ledger", "*.json"))
	if len(entries) > 256 {
		t.Errorf("%d entries were not folded", len(entries))
	}
	if err := errors.Join(zombie.Write(t.Context(), []voc.Item{pipelinetest.Item(part, 0, "t/z", "幽霊")})); err != nil {
		t.Fatal(err)
	}
	if err := zombie.Flush(t.Context()); !errors.Is(err, pipeline.ErrSuperseded) {
		t.Errorf("the zombie's flush: %v", err)
	}
	if got := dump(t, dir); len(got) != 0 {
		t.Errorf("the zombie wrote %q", got)
	}
	if err := errors.Join(zombie.Close(), owner.Close()); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if next, err := s.Resume(t.Context(), []voc.Partition{part}); err != nil || next[part] != 300 {
		t.Errorf("resumes at %v, error %v", next, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAReadOnlyFolderSaysWhatToDo(t *testing.T) {
	if os.Geteuid() == 0 {
		// root may write everywhere: a file in the folder's place refuses too
		dir := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(dir, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := exports.Open(t.Context(), exports.Options{FS: exports.Dir(dir), Location: tokyo}); err == nil {
			t.Error("a file was opened as the out folder")
		}
		return
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil { //nolint:gosec // the test wants it read-only
		t.Fatal(err)
	}
	_, err := exports.Open(t.Context(), exports.Options{FS: exports.Dir(dir), Location: tokyo})
	if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "--out") {
		t.Errorf("error: %v", err)
	}
}

func TestAnotherZoneIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := exports.Open(t.Context(), exports.Options{FS: exports.Dir(dir), Location: time.UTC}); err == nil {
		t.Error("a folder of one zone was opened in another")
	}
}
