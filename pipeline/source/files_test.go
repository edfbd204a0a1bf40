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
	in := "id,text\n" + strings.Repeat("1,\"\"\n", 200_000) + strings.Repeat("2,\"\"\"x\n", 1000) + strings.Repeat("3,y\n", 200_000)
	start := time.Now()
	got, err := read(t, []string{write(t, "a.csv", []byte(in))}, cells{}, source.FileOptions{}, nil)
	if err != nil || len(got) < 400_000 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	if d := time.Since(start); d > 30*time.Second {
		t.Errorf("took %v", d)
	}
}

// A row that breaks CSV's rules costs itself and nothing else.
func TestMalformedRowIsADeadLetter(t *testing.T) {
	m, err := decode.ParseMapping("m.yaml", []byte("mapping: koe.mapping/1\nsource: crm\nchannel: mail\nid: id\ntext: text\n"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := decode.New(decode.Options{Default: decode.Contact})
	if err != nil {
		t.Fatal(err)
	}
	f, err := source.NewFiles([]string{write(t, "a.csv", []byte("id,text\n1,遅い\n2,5\" 画面\n3\n4,\n,高い\n,\n7,良い\n"))}, m, source.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := s.Read(t.Context(), nil, func(m voc.Message) error {
		changes, err := d.Decode(m)
		switch {
		case err != nil:
			got = append(got, fmt.Sprintf("%d dead: %v", m.Offset, err))
		case len(changes) == 0 || changes[0].Contact.Empty():
			got = append(got, fmt.Sprintf("%d empty", m.Offset))
		default:
			got = append(got, fmt.Sprintf("%d contact", m.Offset))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"0 contact", "1 dead: syntax", "2 dead: syntax", "3 empty", "4 dead: missing at id", "5 empty", "6 contact"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
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
