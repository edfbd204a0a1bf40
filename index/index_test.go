package index_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/query"
	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/voc"
)

var _ pipeline.Sink = (*index.Index)(nil)

var (
	tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)
	part  = voc.Partition{Topic: "calls"}
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("KOE_TEST_CHILD"); dir != "" {
		child(dir)
	}
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

var set, words = tools()

func tools() (*dict.Set, *morph.Analyzer) {
	d, err := dict.Load("")
	if err != nil {
		panic(err)
	}
	w, err := morph.New(d)
	if err != nil {
		panic(err)
	}
	return d, w
}

func options(dir string) index.Options {
	return index.Options{Dir: dir, Location: tokyo, Words: words, Dict: set}
}

// A process may be killed at any moment: what says that there is an index must not
// be on disk before the index is.
func TestANewIndexIsWholeOnDiskAtOnce(t *testing.T) {
	for range 5 {
		dir, copied := t.TempDir(), t.TempDir()
		x := open(t, dir)
		if err := os.CopyFS(filepath.Join(copied, "index"), os.DirFS(filepath.Join(dir, "index"))); err != nil {
			t.Fatal(err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		if err := open(t, copied).Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t testing.TB, dir string) *index.Index {
	t.Helper()
	x, err := index.Open(options(dir))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func dump(t testing.TB, x *index.Index) []string {
	t.Helper()
	var out []string
	for r, err := range x.Records(t.Context(), "", "") {
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
		Dump: func(t *testing.T, dir string) []string {
			x := open(t, dir)
			out := dump(t, x)
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			return out
		},
	})
}

// contact makes a record out of a note; voices are "type/aspect words".
func contact(t testing.TB, n int, text string, set func(*voc.Record), voices ...string) voc.Item {
	t.Helper()
	at := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour)
	r := &voc.Record{
		ID: fmt.Sprintf("t/%03d", n), Source: "t", Revision: voc.Revision{At: at, Topic: part.Topic, Offset: int64(n)}, Channel: voc.ChannelCall,
		OccurredAt: at, Text: text, Segments: []voc.Segment{{Role: voc.NoteText, Span: voc.Span{To: len(text)}}}, Definition: "d1",
	}
	for _, v := range voices {
		label, evidence, _ := strings.Cut(v, " ")
		p := strings.SplitN(label, "/", 3)
		from := strings.Index(text, evidence)
		voice := voc.Voice{Type: voc.Type(p[0]), Aspect: voc.Aspect(p[1]), Evidence: voc.Span{From: from, To: from + len(evidence)}, Rule: "r", Confidence: 1}
		if len(p) == 3 {
			voice.Sub = p[2]
		}
		r.Voices = append(r.Voices, voice)
	}
	if set != nil {
		set(r)
	}
	if err := words.Apply(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	return voc.Item{Partition: part, Offset: int64(n), Time: at, Changes: []voc.Applied{{ID: r.ID, Revision: r.Revision, Record: r}}}
}

func corpus(t testing.TB) []voc.Item {
	nps := 3
	return []voc.Item{
		contact(t, 0, "注文した鍋が届かない。配送が遅いとのこと。", func(r *voc.Record) { r.Product = "鍋 N-1"; r.Shop = "新宿店" }, "complaint/delivery 配送が遅い"),
		contact(t, 1, "配送は早かった。店員の説明が丁寧でした。", func(r *voc.Record) { r.Channel = voc.ChannelMail; r.Product = "鍋 N-2" }, "praise/delivery 配送は早かった", "praise/explanation 説明が丁寧"),
		contact(t, 2, "お問い合わせ。解約したい。", func(r *voc.Record) { r.Risks = []voc.Flag{{Name: "churn"}}; r.NPS = &nps }, "inquiry/procedure 解約したい"),
		contact(t, 3, "遅い配送。返金してほしい。", func(r *voc.Record) { r.Categories = []string{"配送/遅延"} }, "complaint/delivery/遅延 遅い配送", "expectation/price 返金してほしい", "complaint/delivery 遅い"),
		contact(t, 30, "問合せ。無言。", nil),
	}
}

func loaded(t testing.TB) *index.Index {
	t.Helper()
	x := open(t, t.TempDir())
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, it := range corpus(t) { // a segment each, so that answers come from several
		if err := errors.Join(x.Write(t.Context(), []voc.Item{it}), x.Flush(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

func ids(r *index.Result) string {
	var out []string
	for _, h := range r.Hits {
		out = append(out, strings.TrimPrefix(h.Record.ID, "t/"))
	}
	return strings.Join(out, " ")
}

func search(t testing.TB, x *index.Index, line string, set func(*index.Request)) *index.Result {
	t.Helper()
	q, err := query.Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	req := index.Request{Query: q, Size: 10, Sort: index.Oldest}
	if set != nil {
		set(&req)
	}
	r, err := x.Search(t.Context(), req)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return r
}

func TestSearch(t *testing.T) {
	x := loaded(t)
	for line, want := range map[string]string{
		"":                               "000 001 002 003 030",
		"配送":                             "000 001 003",
		"配送 遅い":                          "000 003",
		`"配送 遅い"`:                        "000",
		"「遅い配送」":                         "003",
		"配送 -遅い":                         "001",
		"返金 OR 解約":                       "002 003",
		"払い戻し":                           "003",
		"問い合わせ":                          "002 030",
		"type:complaint":                 "000 003",
		"aspect:delivery":                "000 001 003",
		"type:complaint aspect:price":    "003",
		"voice:complaint/price":          "",
		"voice:complaint/delivery":       "000 003",
		"voice:complaint/delivery/遅延":    "003",
		"voice:*/explanation":            "001",
		"channel:mail":                   "001",
		"product:鍋*":                     "000 001",
		`product:"鍋 n-1"`:                "000",
		"risk:churn":                     "002",
		"risk:*":                         "002",
		"nps:<=6":                        "002",
		"category:配送":                    "003",
		"since:2026-10-02":               "030",
		"day:2026-10-01 -type:complaint": "001 002",
		"id:t/002":                       "002",
		"(返金 OR 丁寧) voice:praise/*":      "001",
		"NOT (type:complaint OR 丁寧) 問い合わせ": "002 030",
		"ない言葉だけ":                           "",
	} {
		if got := ids(search(t, x, line, nil)); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestCountsNameTheirUnit(t *testing.T) {
	x := loaded(t)
	r := search(t, x, "", func(r *index.Request) {
		r.Facets, r.Histogram, r.Size = []string{"pair", "type", "channel", "product"}, "day", 0
	})
	// Contact 003 holds complaint/delivery twice: it counts once.
	if r.Contacts != 5 || r.Voices != 6 {
		t.Errorf("%d contacts, %d voices", r.Contacts, r.Voices)
	}
	want := map[string][]index.FacetItem{
		"pair":    {{"complaint/delivery", 2}, {"expectation/price", 1}, {"inquiry/procedure", 1}, {"praise/delivery", 1}, {"praise/explanation", 1}},
		"type":    {{"complaint", 2}, {"expectation", 1}, {"inquiry", 1}, {"praise", 1}},
		"channel": {{"call", 4}, {"mail", 1}},
		"product": {{"鍋 N-1", 1}, {"鍋 N-2", 1}},
	}
	if d := cmp.Diff(want, r.Facets); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]index.FacetItem{{"2026-10-01", 4}, {"2026-10-02", 1}}, r.Histogram); d != "" {
		t.Error(d)
	}
}

func TestPagesFollowEachOther(t *testing.T) {
	x := loaded(t)
	for _, sort := range []index.Sort{index.Newest, index.Oldest, index.Relevance} {
		var got []string
		after := ""
		for range 10 {
			r := search(t, x, "", func(r *index.Request) { r.Size, r.Sort, r.After = 2, sort, after })
			got = append(got, strings.Fields(ids(r))...)
			if after = r.Next; after == "" {
				break
			}
		}
		slices.Sort(got)
		if d := cmp.Diff([]string{"000", "001", "002", "003", "030"}, got); d != "" {
			t.Errorf("%s: %s", sort, d)
		}
	}
	if got := ids(search(t, x, "", func(r *index.Request) { r.Sort = index.Newest })); got != "030 003 002 001 000" {
		t.Errorf("newest first: %s", got)
	}
	if _, err := x.Search(t.Context(), index.Request{Query: query.All{}, Size: 1, After: "%%"}); !errors.Is(err, index.ErrCursor) {
		t.Errorf("a wrong cursor: %v", err)
	}
}

func TestHitsMarkEvidenceAndWords(t *testing.T) {
	x := loaded(t)
	h := search(t, x, "返金 type:expectation", nil).Hits[0]
	text := []rune(h.Record.Text)
	var got []string
	for _, m := range append(h.Evidence, h.Words...) {
		got = append(got, string(text[m.Start:m.End]))
	}
	if d := cmp.Diff([]string{"返金してほしい", "返金"}, got); d != "" {
		t.Error(d)
	}
}

func TestWrongRequests(t *testing.T) {
	x := loaded(t)
	var e *query.Error
	if _, err := x.Search(t.Context(), index.Request{Query: query.Words{Text: "の"}}); !errors.As(err, &e) {
		t.Errorf("a query without words: %v", err)
	}
	for _, r := range []index.Request{{Sort: "best"}, {Size: -1}, {Size: 5000}, {Facets: []string{"text"}}, {Histogram: "hour"}} {
		r.Query = query.All{}
		if _, err := x.Search(t.Context(), r); err == nil {
			t.Errorf("%+v was taken", r)
		}
	}
	if _, err := x.Get(t.Context(), "t/none"); !errors.Is(err, index.ErrNotFound) {
		t.Errorf("get: %v", err)
	}
}

func TestAnOlderVersionDoesNotReplaceANewerOne(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir)
	newer := contact(t, 5, "新しい版", func(r *voc.Record) { r.ID = "t/a" })
	older := contact(t, 4, "古い版", func(r *voc.Record) { r.ID = "t/a" })
	older.Partition.ID, older.Changes[0].Revision.Partition = 1, 1
	gone := voc.Item{Partition: part, Offset: 9, Changes: []voc.Applied{{ID: "t/b", Revision: voc.Revision{At: newer.Time, Topic: "calls"}}}}
	late := contact(t, 1, "消したあとに来た版", func(r *voc.Record) { r.ID = "t/b" })
	late.Partition.ID, late.Offset = 1, 7
	for _, it := range []voc.Item{newer, older, gone, late} {
		it.Changes[0].ID = cmp2(it)
		if err := errors.Join(x.Write(t.Context(), []voc.Item{it}), x.Flush(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]string{"t/a 新しい版"}, dump(t, x)); d != "" {
		t.Error(d)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

func cmp2(it voc.Item) string {
	if r := it.Changes[0].Record; r != nil {
		return r.ID
	}
	return it.Changes[0].ID
}

func TestLockAdmitsOne(t *testing.T) {
	dir := t.TempDir()
	unlock, err := index.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := index.Lock(dir); !errors.Is(err, index.ErrLocked) {
		t.Errorf("a second lock: %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := index.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := again(); err != nil {
		t.Fatal(err)
	}
}

// child writes for ever, one item a batch, until it is killed.
func child(dir string) {
	o := options(dir)
	o.MaxBatch = 1
	x, err := index.Open(o)
	if err != nil {
		panic(err)
	}
	next, err := x.Resume(context.Background(), []voc.Partition{part})
	if err != nil {
		panic(err)
	}
	for n := next[part]; ; n++ {
		if err := x.Write(context.Background(), []voc.Item{pipelinetest.Item(part, n, fmt.Sprintf("t/%06d", n), "声")}); err != nil {
			panic(err)
		}
		fmt.Println(n)
	}
}

func TestKillLeavesDocumentsAndPositionOfOneMoment(t *testing.T) {
	dir := t.TempDir()
	for range 4 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^$")
		cmd.Env = append(os.Environ(), "KOE_TEST_CHILD="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines, buf := 0, make([]byte, 4096); lines < 150; {
			n, err := out.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			lines += strings.Count(string(buf[:n]), "\n")
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		x := open(t, dir)
		next, err := x.Resume(t.Context(), []voc.Partition{part})
		if err != nil {
			t.Fatal(err)
		}
		got := dump(t, x)
		if int64(len(got)) != next[part] {
			t.Errorf("%d documents, position %d", len(got), next[part])
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnotherZoneIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	o := options(dir)
	o.Location = time.UTC
	if _, err := index.Open(o); err == nil {
		t.Error("an index of one zone was opened in another")
	}
	if _, err := os.Stat(filepath.Join(dir, "index", "format")); err != nil {
		t.Error(err)
	}
}
