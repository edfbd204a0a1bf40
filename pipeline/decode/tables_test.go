package decode_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

// tables are CSV files of systems of which every site defines its columns.
func tables() []string { return []string{"fasthelp", "miitel", "relation", "survey"} }

func table(name, ext string) string { return filepath.Join("testdata", "mappings", name+ext) }

// load reads a table with a mapping file and tells what each row became.
func load(t *testing.T, name string, yaml []byte) string {
	t.Helper()
	m, err := decode.ParseMapping(name, yaml)
	if err != nil {
		t.Fatal(err)
	}
	l := m.Layout()
	files, err := source.NewFiles([]string{table(name, ".csv")}, m, source.FileOptions{Encoding: l.Encoding, SkipRows: l.SkipRows})
	if err != nil {
		t.Fatal(err)
	}
	s, err := files.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := s.Read(t.Context(), nil, func(m voc.Message) error {
		fmt.Fprintf(&b, "== row %d\n", m.Offset)
		changes, err := decoder(t).Decode(voc.Message{Value: m.Value})
		if err != nil {
			fmt.Fprintf(&b, "dead letter: %v\n", err)
		}
		for _, c := range changes {
			describe(&b, c)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTablesOfJapaneseSystems(t *testing.T) {
	for _, name := range tables() {
		yaml, err := os.ReadFile(table(name, ".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, table(name, ".golden.txt"), load(t, name, yaml))
	}
}

// What koe detect proposes for a table is a mapping that loads every row which
// the table's own mapping loads.
func TestProposalsLoad(t *testing.T) {
	for _, name := range tables() {
		s, err := source.ReadSample(t.Context(), table(name, ".csv"), source.FileOptions{}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		yaml, err := decode.Propose(name, s.Encoding, s.Rows)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		golden(t, table(name, ".proposed.yaml"), string(yaml))
		own, err := os.ReadFile(table(name, ".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		contacts := func(s string) int { return strings.Count(s, "\ncontact ") }
		if got, want := contacts(load(t, name, yaml)), contacts(load(t, name, own)); got < want {
			t.Errorf("%s: the proposal loads %d contacts, the mapping by hand %d", name, got, want)
		}
	}
}

func TestProposalsOfOddTables(t *testing.T) {
	for name, rows := range map[string][][]string{
		"one column":    {{"x"}, {"a"}},
		"only a header": {{"番号", "内容"}},
		"no names":      {{"", " "}, {"1", "遅いです。困っています。"}},
		"same names":    {{"a", "a", "a#2"}, {"1", "2", "3"}},
		"ragged":        {{"番号", "内容", "x"}, {"1", "遅いです。困っています。"}, {"2"}},
		"yaml in names": {{"id: [x", "- {a}", "#c\n: 'd"}, {"1", "遅いです。とても困っています。", "2"}},
	} {
		if _, err := decode.Propose("s", "utf-8", rows); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, rows := range map[string][][]string{"nothing": nil, "blank": {{"", " "}}} {
		if _, err := decode.Propose("s", "", rows); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzPropose(f *testing.F) {
	f.Add("番号\x1f内容\x1f日時\x1e1\x1f遅いです。困っています。\x1f2026/10/5\x1e2\x1f良い\x1f昨日")
	f.Add("a\x1fa\x1f\x1e\x1f\x1f\x1e'\x1f\"\x1f: - [")
	f.Add("表題\x1e番号\x1f氏名\x1f電話番号\x1fNPS\x1e1\x1f佐野\x1f03-1234-5678\x1f9")
	f.Fuzz(func(t *testing.T, text string) {
		var rows [][]string
		for r := range strings.SplitSeq(text, "\x1e") {
			rows = append(rows, strings.Split(r, "\x1f"))
		}
		if _, err := decode.Propose("s", "utf-8", rows); err != nil && strings.Contains(err.Error(), "does not fit") {
			t.Fatalf("%q: %v", rows, err)
		}
	})
}

func ExamplePropose() {
	mapping, err := decode.Propose("crm", "cp932", [][]string{
		{"受付番号", "受付日時", "お客様名", "お問い合わせ内容", "推奨度"},
		{"A-1", "2026/10/5 9:05", "佐野 花子", "注文した品がまだ届きません。", "3"},
		{"A-2", "R8.10.6", "髙橋 一郎", "店員さんの説明がとても丁寧でした。", "10"},
	})
	fmt.Printf("%s%v", mapping, err)
	// Output:
	// # Proposed by koe detect: read it before you use it.
	// # channel: survey is a guess from the headers
	// mapping: koe.mapping/1
	// encoding: cp932
	// source: crm
	// channel: survey
	// id: 受付番号
	// occurred_at: 受付日時
	// nps: 推奨度
	// parts: [お問い合わせ内容]
	// # left out as personal data: お客様名
	// <nil>
}
