package dict_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/koe-voc/koe/dict"
)

func files(pairs ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}

func TestASiteAddsOverridesAndRemoves(t *testing.T) {
	base := files("words.tsv", "id\tword\tpolarity\n# comment\n\na\t遅い\t-1\nb\t早い\t1\nc\t普通\t0\n", "site.yaml", "name: koe\n")
	site := files("words.tsv", "\ufeffid\tword\tpolarity\r\nb\t速い\t2\r\n-c\r\nd\t丁寧\t1\r\n", "site.yaml", "name: shop\n", "notes.txt", "not read")
	set, err := dict.New(base, site)
	if err != nil {
		t.Fatal(err)
	}
	table, err := set.Table("words.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range table.Rows {
		got = append(got, r.ID()+"="+r.Get("word")+r.Get("polarity")+r.Get("nothing"))
	}
	if s := strings.Join(got, " "); s != "a=遅い-1 b=速い2 d=丁寧1" {
		t.Errorf("rows: %s", s)
	}
	var doc struct{ Name string }
	if err := set.YAML("site.yaml", &doc); err != nil || doc.Name != "shop" {
		t.Errorf("document: %+v, %v", doc, err)
	}
	plain, err := dict.New(base, nil)
	if err != nil {
		t.Fatal(err)
	}
	if plain.Version() == set.Version() || len(set.Version()) != 12 {
		t.Errorf("versions %s and %s", plain.Version(), set.Version())
	}
	if _, err := set.Table("none.tsv"); !errors.Is(err, dict.ErrNoFile) {
		t.Errorf("a table that is not there: %v", err)
	}
}

func TestBrokenFilesSayWhere(t *testing.T) {
	base := files("words.tsv", "id\tword\na\t遅い\n")
	for text, want := range map[string]string{
		"id\tword\nb\t早い\nb\t速い\n": `words.tsv line 3: id "b" stands in line 2 already`,
		"word\tid\n":               "the first column of the header must be id",
		"id\tword\nb\t早い\tx\n":     "line 2: 3 cells, the header has 2",
		"id\tword\n\tx\n":          "line 2: the id is empty",
		"id\tword\n-z\n":           `removes "z", which is not there`,
		"id\tother\n":              "columns are id other, want id word",
		"":                         "no header line",
		"id\tword\nb\t\xff\n":      "not UTF-8",
	} {
		if _, err := dict.New(base, files("words.tsv", text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := dict.New(base, files("wrods.tsv", "id\tword\n")); err == nil || !strings.Contains(err.Error(), "it knows words.tsv") {
		t.Errorf("an unknown file: %v", err)
	}
	if _, err := dict.Load("dict.go"); err == nil || !strings.Contains(err.Error(), "name the folder") {
		t.Errorf("a file instead of a folder: %v", err)
	}
	if _, err := dict.Load("none"); err == nil {
		t.Error("a folder that is not there was opened")
	}
}

func FuzzNew(f *testing.F) {
	f.Add([]byte("id\tword\na\t遅い\n-a\n"), []byte("id\tword\n-a\n"))
	f.Add([]byte("id\n"), []byte("\ufeffid\r\n#\r\n"))
	f.Fuzz(func(t *testing.T, base, site []byte) {
		set, err := dict.New(fstest.MapFS{"w.tsv": {Data: base}}, fstest.MapFS{"w.tsv": {Data: site}})
		if err != nil {
			return
		}
		// What was merged is itself a dictionary of the same rows.
		merged, _ := set.File("w.tsv")
		again, err := dict.New(fstest.MapFS{"w.tsv": {Data: merged}}, nil)
		if err != nil {
			t.Fatalf("merged form: %v\n%q", err, merged)
		}
		if back, _ := again.File("w.tsv"); string(back) != string(merged) {
			t.Fatalf("%q became %q", merged, back)
		}
	})
}

func ExampleLoad() {
	set, err := dict.Load("")
	if err != nil {
		fmt.Println(err)
		return
	}
	table, err := set.Table("synonyms.tsv")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(table.Rows[0].List("words")[:2])
	// Output: [問い合わせ お問い合わせ]
}
