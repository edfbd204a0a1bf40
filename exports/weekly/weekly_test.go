package weekly_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/exports/weekly"
	"github.com/koe-voc/koe/pipeline/classify"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/voc"
)

var (
	update = pipelinetest.UpdateFlag()
	tokyo  = time.FixedZone("Asia/Tokyo", 9*60*60)
	week   = weekly.Week{Year: 2026, Number: 41} // 5 to 11 October
)

// contacts is a source; like the index it gives only the days asked for.
type contacts []*voc.Record

func (c contacts) Records(_ context.Context, since, until string) iter.Seq2[*voc.Record, error] {
	return func(yield func(*voc.Record, error) bool) {
		for _, r := range c {
			if day := r.Day(tokyo).Format(time.DateOnly); since <= day && day <= until && !yield(r, nil) {
				return
			}
		}
	}
}

// said is a contact of one voice whose evidence stands between 《 and 》.
type said struct {
	day, product   string
	typ            voc.Type
	aspect         voc.Aspect
	target, text   string
	risk, version  string
	unclassified   bool
	channel        voc.Channel
	secondOfTarget bool // a second voice of the same topic
}

func build(t *testing.T, all []said) contacts {
	t.Helper()
	var out contacts
	for i, s := range all {
		at, err := time.ParseInLocation("2006-01-02 15:04", s.day+" 00:30", tokyo) // the day before in UTC
		if err != nil {
			t.Fatal(err)
		}
		from := strings.Index(s.text, "《")
		text := strings.Replace(s.text, "《", "", 1)
		to := strings.Index(text, "》")
		text = strings.Replace(text, "》", "", 1)
		r := &voc.Record{
			ID: fmt.Sprintf("crm/%03d", i), Channel: voc.ChannelCall, OccurredAt: at.UTC().Add(time.Duration(i) * time.Second), Product: s.product, Text: text,
			Segments: []voc.Segment{{Role: voc.NoteText, Span: voc.Span{To: len(text)}}}, Definition: "d1",
		}
		if s.version != "" {
			r.Definition = s.version
		}
		if s.channel != "" {
			r.Channel = s.channel
		}
		if s.typ != "" {
			v := voc.Voice{Type: s.typ, Aspect: s.aspect, Target: s.target, Evidence: voc.Span{From: from, To: to}, Rule: "r1", Confidence: .8}
			r.Voices = append(r.Voices, v)
			if s.secondOfTarget {
				r.Voices = append(r.Voices, v)
			}
		}
		if s.risk != "" {
			r.Risks = []voc.Flag{{Name: s.risk, Rule: "k1"}}
		}
		if s.unclassified {
			r.Unclassified = []voc.Unclassified{{Reason: "aspect"}}
		}
		out = append(out, r)
	}
	return out
}

// octobers is five weeks of a shop that sells rice cookers and kettles.
func octobers() []said {
	const cooker, kettle = "炊飯器", "ケトル"
	return []said{
		{day: "2026-09-07", product: cooker, typ: voc.Complaint, aspect: voc.Delivery, target: "荷物", text: "《荷物が届かない》"},
		{day: "2026-09-15", product: cooker, typ: voc.Complaint, aspect: voc.Delivery, target: "荷物", text: "《荷物が遅れた》"},
		{day: "2026-09-22", product: kettle, typ: voc.Praise, aspect: voc.Attitude, text: "《丁寧だった》"},
		{day: "2026-09-29", product: cooker, typ: voc.Complaint, aspect: voc.Delivery, target: "荷物", text: "《荷物がまだ》"},
		{day: "2026-10-04", product: kettle, text: "住所変更の手続き"},
		{day: "2026-10-05", product: cooker, typ: voc.Complaint, aspect: voc.Delivery, target: "荷物", text: "先週注文した。《荷物が三日も遅れて届いた》とのこと。折り返し[電話]へ希望。", secondOfTarget: true},
		{day: "2026-10-06", product: cooker, typ: voc.Complaint, aspect: voc.Delivery, target: "荷物", text: "[氏名]様より《荷物が届かない》とのこと。", channel: voc.ChannelChat},
		{day: "2026-10-06", product: cooker, typ: voc.Complaint, aspect: voc.Delivery, target: "荷物", text: "《荷物が届かない》と家族も困っている。"},
		{day: "2026-10-07", product: cooker, typ: voc.Complaint, aspect: voc.Delivery, target: "荷物", text: "《荷物が二度も戻された》"},
		{day: "2026-10-07", product: cooker, typ: voc.Complaint, aspect: voc.Safety, target: "取っ手", text: "《取っ手が溶けて指をやけどした》", risk: "injury"},
		{day: "2026-10-08", product: kettle, typ: voc.Expectation, aspect: voc.Product, target: "音", text: "=《音をもう少し静かにしてほしい》"},
		{day: "2026-10-09", product: kettle, typ: voc.Praise, aspect: voc.Attitude, text: "窓口の方が《とても丁寧だった》。", channel: voc.ChannelSurvey},
		{day: "2026-10-10", typ: voc.Inquiry, aspect: voc.Digital, target: "会員登録", text: "《会員登録のやり方を知りたい》", version: "d2"},
		{day: "2026-10-11", text: "なんとなく残念", unclassified: true},
		{day: "2026-10-12", product: cooker, typ: voc.Complaint, aspect: voc.Delivery, target: "荷物", text: "《次の週の荷物》"},
	}
}

func options(t *testing.T) weekly.Options {
	t.Helper()
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	taxonomy, err := classify.LoadTaxonomy(d)
	if err != nil {
		t.Fatal(err)
	}
	return weekly.Options{Location: tokyo, Taxonomy: taxonomy, Now: func() time.Time { return time.Date(2026, 10, 12, 9, 0, 0, 0, tokyo) }}
}

func report(t *testing.T, src weekly.Source, o weekly.Options) *weekly.Report {
	t.Helper()
	r, err := weekly.Build(t.Context(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAWeek(t *testing.T) {
	r := report(t, build(t, octobers()), options(t))
	if r.Week != week {
		t.Fatalf("the last full week is %s", r.Week)
	}
	got, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	pipelinetest.Golden(t, *update, "report.json", string(got)+"\n")
}

func TestFiguresWithoutWordsAreNotCountedAgain(t *testing.T) {
	figures := build(t, []said{{day: "2026-10-06", product: "炊飯器"}, {day: "2026-10-07"}})
	want, err := json.Marshal(report(t, build(t, octobers()), options(t)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(report(t, append(build(t, octobers()), figures...), options(t)))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Error(d)
	}
}

func TestFiles(t *testing.T) {
	r := report(t, build(t, octobers()), options(t))
	dir := t.TempDir()
	folder, m, err := r.Write(dir, "v1")
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	pipelinetest.Golden(t, *update, "topics.csv", string(read("topics.csv")))
	sums := regexp.MustCompile(`"(sha256|bytes)": ("[0-9a-f]{64}"|\d+)`)
	pipelinetest.Golden(t, *update, "manifest.json", sums.ReplaceAllString(string(read("manifest.json")), `"$1": …`))
	pipelinetest.Golden(t, *update, "workbook.txt", text(t, read("koe-2026-W41.xlsx")))

	type row struct {
		Label    string   `parquet:"label"`
		Contacts int32    `parquet:"contacts"`
		Mean     *float64 `parquet:"mean_4_weeks,optional"`
		Quotes   []struct {
			Text string `parquet:"text"`
		} `parquet:"quotes,list"`
	}
	rows, err := parquet.ReadFile[row](filepath.Join(folder, "topics.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(r.Topics) || rows[0].Label != "荷物：苦情・不満" || rows[0].Contacts != 4 || *rows[0].Mean != .75 || len(rows[0].Quotes) != 3 {
		t.Errorf("parquet: %+v", rows)
	}
	if m.Files[0].Name != "koe-2026-W41.xlsx" || m.Topics != len(r.Topics) {
		t.Errorf("manifest: %+v", m)
	}
}

// text tells a workbook as lines, sheet by sheet.
func text(t *testing.T, data []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, name := range f.GetSheetList() {
		fmt.Fprintf(&b, "== %s\n", name)
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			fmt.Fprintln(&b, strings.TrimRight(strings.Join(row, " | "), " |"))
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheSameWeekGivesTheSameBytes(t *testing.T) {
	var first [][]byte
	dir := t.TempDir()
	for range 3 { // the second and third replace what is there
		folder, _, err := report(t, build(t, octobers()), options(t)).Write(dir, "v1")
		if err != nil {
			t.Fatal(err)
		}
		names, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil || len(names) != 4 {
			t.Fatalf("files %v, error %v", names, err)
		}
		for i, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if len(first) <= i {
				first = append(first, data)
			} else if !bytes.Equal(first[i], data) {
				t.Errorf("%s differs", name)
			}
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("beside the export: %v", left)
	}
}

func TestSmallTopicsAreFolded(t *testing.T) {
	o := options(t)
	o.MinContacts = 3
	r := report(t, build(t, octobers()), o)
	var got []string
	for _, x := range r.Topics {
		got = append(got, fmt.Sprintf("%s/%s %d, %d quotes", x.Product, x.Label, x.Now, len(x.Quotes)))
	}
	want := []string{
		"炊飯器/荷物：苦情・不満 4, 3 quotes",
		"炊飯器/その他（小さな話題）：苦情・不満 1, 0 quotes", "その他/その他（小さな話題）：ご要望・ご提案 1, 0 quotes",
		"その他/その他（小さな話題）：お褒め・感謝 1, 0 quotes", "その他/その他（小さな話題）：問い合わせ・依頼 1, 0 quotes",
	}
	if d := cmp.Diff(want, got, cmp.Transformer("set", func(in []string) map[string]bool {
		m := map[string]bool{}
		for _, s := range in {
			m[s] = true
		}
		return m
	})); d != "" {
		t.Error(d)
	}
	if len(r.Products) != 2 || r.Products[1].Product != "その他" || r.Products[1].Now != 4 {
		t.Errorf("products: %+v", r.Products)
	}
}

func TestSensitiveQuotesStayIn(t *testing.T) {
	for _, sensitive := range []bool{false, true} {
		o := options(t)
		o.Sensitive = sensitive
		r := report(t, build(t, octobers()), o)
		found := strings.Contains(fmt.Sprint(r.Topics), "やけど")
		if found != sensitive || (r.Withheld == 0) != sensitive {
			t.Errorf("sensitive %v: found %v, withheld %d", sensitive, found, r.Withheld)
		}
	}
}

func TestAnEmptyWeekAndAnEmptyHouse(t *testing.T) {
	for name, src := range map[string]contacts{"week": build(t, octobers()[:3]), "house": nil} {
		r := report(t, src, options(t))
		folder, m, err := r.Write(t.TempDir(), "v1")
		if err != nil {
			t.Fatal(err)
		}
		if m.Topics != 0 || m.Summary.Contacts.Now != 0 || m.Summary.ComplaintsPM.Now != nil {
			t.Errorf("empty %s: %+v", name, m)
		}
		data, err := os.ReadFile(filepath.Join(folder, "koe-2026-W41.xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text(t, data), "この週の応対はありません。") {
			t.Errorf("empty %s: the workbook does not say so", name)
		}
	}
}

func TestAWeekThatIsNotOverSaysSo(t *testing.T) {
	o := options(t)
	o.Week = weekly.Week{Year: 2026, Number: 42}
	if r := report(t, build(t, octobers()), o); !r.Partial || r.Summary.Contacts.Now != 1 {
		t.Errorf("partial %v with %d contacts", r.Partial, r.Summary.Contacts.Now)
	}
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := report(t, contacts(nil), options(t)).Write(file, "v1"); err == nil {
		t.Error("a file was written into")
	}
	if os.Geteuid() == 0 {
		return // root may write everywhere
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil { //nolint:gosec // the test wants it read-only
		t.Fatal(err)
	}
	if _, _, err := report(t, contacts(nil), options(t)).Write(dir, "v1"); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "writable") {
		t.Errorf("error: %v", err)
	}
}

// broken is a source that fails in the middle.
type broken struct{ contacts }

func (b broken) Records(ctx context.Context, since, until string) iter.Seq2[*voc.Record, error] {
	return func(yield func(*voc.Record, error) bool) {
		for r, err := range b.contacts.Records(ctx, since, until) {
			if !yield(r, err) {
				return
			}
		}
		yield(nil, fs.ErrInvalid)
	}
}

func TestABrokenSourceMakesNoReport(t *testing.T) {
	if _, err := weekly.Build(t.Context(), broken{build(t, octobers())}, options(t)); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("error: %v", err)
	}
}
