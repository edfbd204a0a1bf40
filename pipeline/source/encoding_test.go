package source_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

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
		"CP932 外字":            {in: "id,text\n1,\xf0\x40\xf0\xfc\xf9\xfc" + sjis("様") + "\n", want: "1|\ue000\ue0bb\ue757様"},
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
