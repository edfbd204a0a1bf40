package exports_test

import (
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
	"pgregory.net/rapid"

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

// dump tells what stands as "id text", in order.
func dump(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	for r, err := range exports.Latest(t.Context(), dir) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.ID+" "+r.Text)
	}
	slices.Sort(out)
	return out
}

func TestConformance(t *testing.T) {
	pipelinetest.TestSink(t, pipelinetest.SinkUnderTest{
		Open: func(t *testing.T, dir string) pipeline.Sink { return open(t, dir) },
		Dump: dump,
		// Its lock is on a folder of its own, which the next process leaves alone.
		Abandon: func(*testing.T, pipeline.Sink) {},
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

// anyRecord draws a record as the stages may leave it.
func anyRecord(t *rapid.T, offset int64) *voc.Record {
	word := rapid.StringOfN(rapid.RuneFrom([]rune("届遅い。髙𠮟🙏aZ 0-")), 0, 6, -1)
	instant := rapid.Map(rapid.Int64Range(1.5e15, 1.9e15), func(us int64) time.Time { return time.UnixMicro(us).UTC() })
	maybe := func() time.Time { return rapid.OneOf(instant, rapid.Just(time.Time{})).Draw(t, "maybe") }
	number := rapid.Ptr(rapid.IntRange(0, 1e6), true)
	at := instant.Draw(t, "at")
	r := &voc.Record{
		ID: fmt.Sprintf("s/%d", offset), Source: "s", Channel: rapid.SampledFrom(voc.Channels()).Draw(t, "channel"), OccurredAt: at, EndedAt: maybe(), UpdatedAt: maybe(),
		Revision: voc.Revision{At: instant.Draw(t, "revision"), Topic: "calls", Offset: offset, Definition: rapid.IntRange(0, 9).Draw(t, "sequence")},
		Product:  word.Draw(t, "product"), Lot: word.Draw(t, "lot"), Categories: rapid.SliceOfN(word, 0, 3).Draw(t, "categories"),
		NPS: number.Draw(t, "nps"), Handling: voc.Handling{Talk: number.Draw(t, "talk"), Hold: number.Draw(t, "hold")},
		Text: word.Draw(t, "text") + "\n" + word.Draw(t, "text"), Masked: rapid.MapOfN(rapid.SampledFrom([]string{"person", "phone"}), rapid.IntRange(1, 9), 0, 2).Draw(t, "masked"),
		Definition: word.Draw(t, "definition"),
	}
	for name, value := range rapid.MapOfN(word, word, 0, 3).Draw(t, "attrs") {
		r.Attrs = append(r.Attrs, voc.Attr{Name: name, Value: value})
	}
	slices.SortFunc(r.Attrs, func(a, b voc.Attr) int { return strings.Compare(a.Name, b.Name) })
	var edges []int
	for i := range r.Text {
		edges = append(edges, i)
	}
	edges = append(edges, len(r.Text))
	span := func() voc.Span {
		a, b := rapid.SampledFrom(edges).Draw(t, "from"), rapid.SampledFrom(edges).Draw(t, "to")
		return voc.Span{From: min(a, b), To: max(a, b)}
	}
	for range rapid.IntRange(0, 3).Draw(t, "voices") {
		r.Voices = append(r.Voices, voc.Voice{
			Type: rapid.SampledFrom(voc.Types()).Draw(t, "type"), Aspect: rapid.SampledFrom(voc.Aspects()).Draw(t, "aspect"), Evidence: span(), Target: word.Draw(t, "target"),
			Polarity: rapid.IntRange(-2, 2).Draw(t, "polarity"), Rule: "r", Confidence: rapid.Float64Range(0, 1).Draw(t, "confidence"), Response: rapid.Bool().Draw(t, "response"),
		})
		r.Risks = append(r.Risks, voc.Flag{Name: "churn", Evidence: span(), Rule: "k"})
		r.Mentions = append(r.Mentions, voc.Mention{Kind: "jan", Value: word.Draw(t, "value"), Span: span()})
		r.Unclassified = append(r.Unclassified, voc.Unclassified{Evidence: span(), Reason: "type"})
		r.Segments = append(r.Segments, voc.Segment{Role: voc.CustomerTurn, Span: span(), At: maybe()})
	}
	return r
}

func TestAnyRecordComesBackEqual(t *testing.T) {
	base, n := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		dir := filepath.Join(base, fmt.Sprint(n))
		if err := os.Mkdir(dir, 0o700); err != nil {
			rt.Fatal(err)
		}
		s, err := exports.Open(t.Context(), exports.Options{FS: exports.Dir(dir), Location: tokyo})
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := s.Resume(t.Context(), []voc.Partition{part}); err != nil {
			rt.Fatal(err)
		}
		want := map[string]*voc.Record{}
		for i := range int64(rapid.IntRange(1, 5).Draw(rt, "records")) {
			r := anyRecord(rt, i)
			want[r.ID] = r
			if err := s.Write(t.Context(), []voc.Item{{Partition: part, Offset: i, Time: r.OccurredAt, Changes: []voc.Applied{{ID: r.ID, Revision: r.Revision, Record: r}}}}); err != nil {
				rt.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
		got := map[string]*voc.Record{}
		for r, err := range exports.Latest(t.Context(), dir) {
			if err != nil {
				rt.Fatal(err)
			}
			got[r.ID] = r
		}
		if d := gocmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			rt.Fatal(d)
		}
	})
}

func TestSchemas(t *testing.T) {
	for _, table := range append(exports.Tables(), exports.Threads) {
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
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
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

func TestTheClusterIsFixedWhenItIsFirstGiven(t *testing.T) {
	dir := t.TempDir()
	again := func(cluster string) error {
		s, err := exports.Open(t.Context(), exports.Options{FS: exports.Dir(dir), Location: tokyo, Cluster: cluster})
		if err != nil {
			return err
		}
		return s.Close()
	}
	for _, cluster := range []string{"", "one", "", "one"} {
		if err := again(cluster); err != nil {
			t.Fatalf("cluster %q: %v", cluster, err)
		}
	}
	if err := again("two"); err == nil || !strings.Contains(err.Error(), "use another folder") {
		t.Errorf("a folder of one cluster was opened for another: %v", err)
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
