package source_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"go.uber.org/goleak"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	_ pipeline.Source = (*source.Files)(nil)
	_ source.Mapper   = (*decode.Mapping)(nil)
)

func TestNamesAgreeWithTheDecoder(t *testing.T) {
	if source.HeaderDecoder != decode.Header || source.DecoderMalformed != decode.Malformed || source.MaxRow != decode.MaxMessage {
		t.Error("source and decode differ in a name or a limit")
	}
}

// cells is a mapper that shows what it was given.
type cells struct{ hash string }

func (c cells) Hash() string { return c.hash }
func (cells) Rows(header []string) (func([]string) ([]byte, error), error) {
	return func(row []string) ([]byte, error) {
		if len(row) != len(header) {
			return nil, errors.New("width")
		}
		return []byte(strings.Join(row, "|")), nil
	}, nil
}

func (cells) Objects() func([]byte) ([]byte, error) {
	return func(line []byte) ([]byte, error) {
		if line[0] != '{' {
			return nil, errors.New("no object")
		}
		return append([]byte("mapped "), line...), nil
	}
}

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read reads a source of files to its end. A dead row begins with "!".
func read(t testing.TB, paths []string, m source.Mapper, o source.FileOptions, from map[voc.Partition]int64) ([]string, error) {
	t.Helper()
	f, err := source.NewFiles(paths, m, o)
	if err != nil {
		return nil, err
	}
	s, err := f.Next(t.Context())
	if err != nil {
		return nil, err
	}
	if _, err := f.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("second Next: %v, want EOF", err)
	}
	var out []string
	next := map[voc.Partition]int64{}
	err = s.Read(t.Context(), from, func(m voc.Message) error {
		if want := max(next[m.Partition], from[m.Partition]); m.Offset != want {
			t.Errorf("offset %d, want %d", m.Offset, want)
		}
		next[m.Partition] = m.Offset + 1
		mark := ""
		if m.Headers[source.HeaderDecoder] == source.DecoderMalformed {
			mark = "!"
		}
		out = append(out, mark+string(m.Value))
		return nil
	})
	return out, err
}

func TestCSV(t *testing.T) {
	const header = "id,text\n"
	long := strings.Repeat("あ", source.MaxRow/3+1)
	for name, tc := range map[string]struct {
		name, in string
		want     []string
	}{
		"plain":                 {"a.csv", header + "1,遅い\r\n2,高い", []string{"1|遅い", "2|高い"}},
		"line break in a cell":  {"a.csv", header + "1,\"一行\r\n\r\n\"\"二\"\"行\"\n2,x\n", []string{"1|一行\n\n\"二\"行", "2|x"}},
		"blank lines":           {"a.csv", "\n" + header + "\n\n1,a\n\r\n", []string{"1|a"}},
		"empty cells":           {"a.csv", header + ",\n\"\",\"\"\n", []string{"|", "|"}},
		"bare quote":            {"a.csv", header + "1,5\" 画面\n2,b\n", []string{"!1,5\" 画面", "2|b"}},
		"text behind a quote":   {"a.csv", header + "1,\"a\"b\n2,b\n", []string{"!1,\"a\"b", "2|b"}},
		"quote that never ends": {"a.csv", header + "1,\"a\n2,b\n3,\"\"\n4,c\n", []string{"!1,\"a", "2|b", "3|", "4|c"}},
		"quote met by the next": {"a.csv", header + "1,\"a\n2,\"b\"\n3,c\n", []string{"!1,\"a", "2|b", "3|c"}},
		"wrong width":           {"a.csv", header + "1\n1,2,3\n2,b\n", []string{"!1", "!1\t2\t3", "2|b"}},
		"header only":           {"a.csv", "id,text", nil},
		"tsv":                   {"a.tsv", "id\ttext\n1\t5\" 画面\n2\t\"二\n行\"\n3\t\"強調\"です\n4\t\"開いたまま\n5\te\n", []string{"1|5\" 画面", "2|二\n行", "3|\"強調\"です", "4|\"開いたまま", "5|e"}},
		"row too long":          {"a.csv", header + "1,\"" + long + "\"\n2,b\n", []string{"!1,\"" + long[:source.MaxRow+1-3], "2|b"}},
		"cell of many lines":    {"a.csv", header + "1,\"" + strings.Repeat("行\n", 300_000) + "\"\n2,b\n", []string{"1|" + strings.Repeat("行\n", 300_000), "2|b"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read(t, []string{write(t, tc.name, []byte(tc.in))}, cells{}, source.FileOptions{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d[:min(len(d), 2000)])
			}
		})
	}
}

// A quotation mark that opens in every line must not make reading quadratic.
func TestManyQuotesThatNeverEnd(t *testing.T) {
	in := "id,text\n" + strings.Repeat("1,\"\"\n", 1_000_000) + strings.Repeat("2,\"\"\"x\n", 1000) + strings.Repeat("3,y\n", 1_000_000)
	start := time.Now()
	got, err := read(t, []string{write(t, "a.csv", []byte(in))}, cells{}, source.FileOptions{}, nil)
	if err != nil || len(got) < 2_000_000 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	if d := time.Since(start); d > 30*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestJSONLines(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", source.MaxRow) + `"}`
	in := "\ufeff{\"id\":1}\r\n\n" + long + "\nnot json\n{\"id\":2}"
	path := write(t, "a.jsonl", []byte(in))
	got, err := read(t, []string{path}, nil, source.FileOptions{}, nil)
	want := []string{`{"id":1}`, long[:source.MaxRow+1], "not json", `{"id":2}`}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Error(err, d[:min(len(d), 500)])
	}
	got, err = read(t, []string{path}, cells{}, source.FileOptions{}, nil)
	want = []string{`mapped {"id":1}`, long[:source.MaxRow+1], "!not json", `mapped {"id":2}`}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Error(err, d[:min(len(d), 500)])
	}
}

func TestXLSX(t *testing.T) {
	x := excelize.NewFile()
	defer func() { _ = x.Close() }()
	if _, err := x.NewSheet("回答"); err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 10, 5, 9, 5, 0, 0, time.UTC)
	for i, cells := range [][]any{{"アンケート"}, {"番号", "日時", "点", "自由記述"}, {1, day, 9, "届かない\n困る"}, {}, {"", nil, " "}, {2, "2026/10/6"}} {
		if err := x.SetSheetRow("回答", fmt.Sprintf("A%d", i+1), &cells); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := x.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	o := source.FileOptions{Sheet: "回答", SkipRows: 1}
	got, err := read(t, []string{path}, cells{}, o, nil)
	if d := cmp.Diff([]string{"1|46300.37847222222|9|届かない\n困る", "2|2026/10/6||"}, got); err != nil || d != "" {
		t.Error(err, d)
	}
	if _, err := read(t, []string{path}, cells{}, source.FileOptions{Sheet: "無い"}, nil); err == nil || !strings.Contains(err.Error(), "回答") {
		t.Errorf("no such sheet: %v", err)
	}
	if _, err := read(t, []string{write(t, "b.xlsx", []byte("no zip"))}, cells{}, source.FileOptions{}, nil); err == nil {
		t.Error("no workbook: no error")
	}
}

func TestEncodings(t *testing.T) {
	const text = "id,text\n1,〒５３０ 〜～−－‖∥—― ¢£ ﾊﾝｶｸ ①㈱髙﨑 遅い\n"
	sjis := func(s string) string {
		out, err := encoding.ReplaceUnsupported(japanese.ShiftJIS.NewEncoder()).String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	wide := func(e unicode.Endianness) string {
		out, err := unicode.UTF16(e, unicode.UseBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	euc, err := japanese.EUCJP.NewEncoder().String("id,text\n1,配送が遅い\n")
	if err != nil {
		t.Fatal(err)
	}
	jis, err := japanese.ISO2022JP.NewEncoder().String("id,text\n1,配送が遅い\n")
	if err != nil {
		t.Fatal(err)
	}
	row := strings.ReplaceAll(strings.TrimSuffix(text[8:], "\n"), ",", "|")
	padding := strings.Repeat("0,x\n", 50_000)
	late := "id,text\n" + padding + "1,"
	for name, tc := range map[string]struct{ in, encoding, want, fail string }{
		"UTF-8":               {in: text, want: row},
		"UTF-8 with mark":     {in: "\ufeff" + text, want: row},
		"UTF-16 LE":           {in: wide(unicode.LittleEndian), want: row},
		"UTF-16 BE":           {in: wide(unicode.BigEndian), want: row},
		"CP932":               {in: sjis("id,text\n1,遅い～∥－①㈱髙﨑 ﾊﾝｶｸ\n"), want: "1|遅い～∥－①㈱髙﨑 ﾊﾝｶｸ"},
		"CP932 family":        {in: "id,text\n1,\x81\x5c\x81\x60\x81\x61\x81\x7c\x81\x91\x81\x92\x81\xca\n", want: "1|―～∥－￠￡￢"},
		"CP932 late":          {in: late + sjis("遅い") + "\n", want: "1|遅い"},
		"UTF-8 late":          {in: late + "遅い\n", want: "1|遅い"},
		"ASCII":               {in: "id,text\n1,a\n", want: "1|a"},
		"UTF-8 with a fault":  {in: "id,text\n1,配送が遅くて困りました\xff\n", fail: "fault at byte 43"},
		"forced":              {in: "id,text\n1,配送\xff\n", encoding: "utf-8", want: "1|配送\xff"},
		"UTF-8 cut off":       {in: "id,text\n1,配送が遅くて困\xe3\x81", fail: "fault at byte 31"},
		"neither":             {in: "id,text\n1,\xff\x82\xa0\xa0\n", fail: "neither UTF-8 (byte 10) nor CP932/Shift_JIS (byte 10)"},
		"CP932 unassigned":    {in: sjis("id,text\n1,遅い") + "\x85\x9f\xfd\n", fail: "nor CP932"},
		"EUC-JP":              {in: euc, fail: "EUC-JP"},
		"JIS":                 {in: jis, fail: "ISO-2022-JP"},
		"UTF-16 without mark": {in: wide(unicode.LittleEndian)[2:], fail: "byte order mark"},
		"binary":              {in: "\x00\x01\x00\x02", fail: "NUL"},
		"UTF-16 not whole":    {in: wide(unicode.BigEndian) + "\x00", fail: "half a character"},
		"wrong word":          {in: text, encoding: "sjis", fail: "cp932"},
		"not the forced one":  {in: text, encoding: "utf-16", fail: "not UTF-16"},
		"not CP932":           {in: "\xfd", encoding: "cp932", fail: "byte 0"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "a.csv", []byte(tc.in))
			got, err := read(t, []string{path}, cells{}, source.FileOptions{Encoding: tc.encoding}, nil)
			if tc.fail != "" {
				if err == nil || !strings.Contains(err.Error(), tc.fail) || !strings.Contains(err.Error(), path) {
					t.Errorf("got %v, want %q", err, tc.fail)
				}
				return
			}
			if err != nil || len(got) == 0 || got[len(got)-1] != tc.want {
				t.Errorf("%v: got %q, want %q", err, got[max(0, len(got)-1):], tc.want)
			}
		})
	}
}

func TestPositions(t *testing.T) {
	a, b := write(t, "a.csv", []byte("id\n1\n2\n3\n")), write(t, "b.csv", []byte("id\n9\n"))
	same := write(t, "copy.csv", []byte("id\n1\n2\n3\n"))
	files, err := source.NewFiles([]string{a, b, same}, cells{"m"}, source.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := files.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	parts := s.Partitions()
	if len(parts) != 2 || !strings.HasPrefix(parts[0].Topic, "file-") || len(parts[0].Topic) != 69 {
		t.Fatalf("partitions %v; want the copy once", parts)
	}
	stop := errors.New("stop")
	var got []string
	n := 0
	deliver := func(m voc.Message) error {
		if n++; n == 3 {
			return stop
		}
		got = append(got, string(m.Value))
		return nil
	}
	from := map[voc.Partition]int64{parts[0]: 1}
	if err := s.Read(t.Context(), from, deliver); !errors.Is(err, stop) {
		t.Fatalf("deliver's error: %v", err)
	}
	from[parts[0]] = 3
	if err := s.Read(t.Context(), from, deliver); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"2", "3", "9"}, got); d != "" {
		t.Error(d)
	}
	if err := s.Read(t.Context(), map[voc.Partition]int64{parts[1]: 2}, deliver); err == nil || !strings.Contains(err.Error(), "another file") {
		t.Errorf("position behind the end: %v", err)
	}
	if err := s.Commit(t.Context(), from); err != nil {
		t.Error(err)
	}
	for name, o := range map[string]source.FileOptions{"headers": {Headers: map[string]string{"a": "b"}}, "skip": {SkipRows: 1}} {
		if p := partition(t, a, cells{"m"}, o); p == parts[0] {
			t.Errorf("%s: the topic does not tell that the file is read in another way", name)
		}
	}
	if p := partition(t, a, cells{"other"}, source.FileOptions{}); p == parts[0] {
		t.Error("mapping: the topic does not tell")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Read(ctx, nil, deliver); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

func partition(t *testing.T, path string, m source.Mapper, o source.FileOptions) voc.Partition {
	t.Helper()
	f, err := source.NewFiles([]string{path}, m, o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.Partitions()[0]
}

func TestFileThatChanges(t *testing.T) {
	path := write(t, "a.jsonl", []byte("{}\n{}\n"))
	f, err := source.NewFiles([]string{path}, nil, source.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("{}\n[]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Read(t.Context(), nil, func(voc.Message) error { return nil }); err == nil || !strings.Contains(err.Error(), "changed while it was read") {
		t.Errorf("got %v", err)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for name, tc := range map[string]struct {
		path string
		m    source.Mapper
		want string
	}{
		"missing":     {"no.jsonl", nil, "no.jsonl"},
		"folder":      {t.TempDir() + ".jsonl", nil, ""},
		"no mapping":  {"a.csv", nil, "mapping file"},
		"no format":   {"a.bin", nil, "jsonl, csv"},
		"empty table": {write(t, "a.csv", nil), cells{}, "empty"},
		"bad header":  {write(t, "a.csv", []byte("a,\"b\nc,d\n")), cells{}, "header"},
	} {
		if _, err := read(t, []string{tc.path}, tc.m, source.FileOptions{}, nil); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := source.NewFiles(nil, nil, source.FileOptions{}); err == nil {
		t.Error("no files: no error")
	}
	dir := filepath.Join(t.TempDir(), "d.jsonl")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, []string{dir}, nil, source.FileOptions{}, nil); err == nil || !strings.Contains(err.Error(), "regular") {
		t.Errorf("folder: %v", err)
	}
}

func TestProgress(t *testing.T) {
	path := write(t, "a.jsonl", []byte(strings.Repeat("{}\n", 1000)))
	var n int64
	o := source.FileOptions{Progress: func(d int64) { n += d }}
	if _, err := read(t, []string{path}, nil, o, nil); err != nil || n != 3000 {
		t.Errorf("progress %d, %v", n, err)
	}
	f, err := source.NewFiles([]string{path, path}, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	if size, err := f.Size(); size != 6000 || err != nil {
		t.Errorf("size %d, %v", size, err)
	}
}

func ExampleNewFiles() {
	dir, err := os.MkdirTemp("", "koe")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "calls.csv")
	if err := os.WriteFile(path, []byte("受付番号,応対メモ\nA-1,届かないとのこと。\nA-2,\"折電\n希望\"\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	m, err := decode.ParseMapping("calls.yaml", []byte("mapping: koe.mapping/1\nsource: crm\nchannel: call\nid: 受付番号\nnote: 応対メモ\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := source.NewFiles([]string{path}, m, source.FileOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	session, err := files.Next(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = session.Read(ctx, nil, func(m voc.Message) error {
		fmt.Println(m.Offset, len(m.Value))
		return nil
	})
	fmt.Println(err)
	// Output:
	// 0 81
	// 1 68
	// <nil>
}

func FuzzDetect(f *testing.F) {
	for _, s := range []string{"a,b\n1,遅い\n", "\x92\x78\x82\xa2", "\xff\xfea\x00\n\x00", "\xef\xbb\xbf\"a\n\"\"", "\xb1\xb2\xb3\n", "\x1b$B\x46", "a\n\"x\n\"\"y\n", "\x81"} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, table bool) {
		name := "a.jsonl"
		if table {
			name = "a.csv"
		}
		path := write(t, name, data)
		first, err := read(t, []string{path}, cells{}, source.FileOptions{}, nil)
		second, again := read(t, []string{path}, cells{}, source.FileOptions{}, nil)
		if fmt.Sprint(err) != fmt.Sprint(again) || !cmp.Equal(first, second) {
			t.Fatal("two readings differ")
		}
	})
}
