package classify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/chunk"
	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/voc"
)

// mail is a record of one text that morph and chunk have read.
func mail(t *testing.T, d *dict.Set, text string) *voc.Record {
	t.Helper()
	words, err := morph.New(d)
	if err != nil {
		t.Fatal(err)
	}
	chunks, err := chunk.New(d)
	if err != nil {
		t.Fatal(err)
	}
	r := &voc.Record{
		ID: "t/1", Channel: voc.ChannelMail, OccurredAt: time.Unix(0, 0), Text: text,
		Segments: []voc.Segment{{Role: voc.FreeText, Span: voc.Span{To: len(text)}}},
	}
	if err := words.Apply(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := chunks.Apply(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestExplainLabelsAsApplyDoesAndTellsWhy(t *testing.T) {
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	const text = "注文した鍋がまだ届きません。店員さんはとても親切でした。"
	want, got := mail(t, d, text), mail(t, d, text)
	if err := c.Apply(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	x, err := c.Explain(t.Context(), got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the labels differ (-Apply +Explain):\n%s", diff)
	}
	if len(x.Voices) != len(got.Voices) || len(x.Voices) == 0 || len(x.Clauses) != 2 {
		t.Fatalf("%d voices explained of %d, %d clauses", len(x.Voices), len(got.Voices), len(x.Clauses))
	}
	found := map[string]bool{}
	for _, cl := range x.Clauses {
		for _, f := range cl.Found {
			found[f.Kind+" "+got.Slice(f.Span)] = true
			if f.ID == "" || f.Kind != "concept" && f.Says == "" {
				t.Errorf("a finding says nothing: %+v", f)
			}
		}
		if d, ok := d.File(ModelFile); ok && (len(d) == 0 || len(cl.Types) != 4 || len(cl.Aspects) != topAspects) {
			t.Errorf("odds of a clause: %v, %v", cl.Types, cl.Aspects)
		}
	}
	for _, f := range []string{"evaluation 親切", "term 店員さん"} {
		if !found[f] {
			t.Errorf("%q is not among what was found: %v", f, found)
		}
	}
	for i, v := range x.Voices {
		if v.Clause < 0 || !x.Clauses[v.Clause].Clause.Span.Contains(got.Voices[i].Evidence) {
			t.Errorf("voice %d is not of its clause: %+v", i, v)
		}
		for _, f := range append(v.ForType, v.ForAspect...) {
			if strings.HasPrefix(f.Fact, "fact ") || strings.Contains(f.Fact, "#") || f.Weight == 0 {
				t.Errorf("voice %d: a fact without words: %+v", i, f)
			}
		}
	}
}

func TestRulesAloneAreExplainedToo(t *testing.T) {
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewRules(d)
	if err != nil {
		t.Fatal(err)
	}
	r := mail(t, d, "店員さんはとても親切でした。")
	x, err := c.Explain(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Clauses) != 1 || len(x.Clauses[0].Rules) != 1 || x.Clauses[0].Rules[0].Type != voc.Praise || len(x.Clauses[0].Types) != 0 {
		t.Errorf("clauses: %+v", x.Clauses)
	}
	if len(x.Voices) != 1 || x.Voices[0].Clause != 0 || x.Voices[0].ForType != nil {
		t.Errorf("voices: %+v", x.Voices)
	}
}

// A classifier is reused; what it labelled before does not matter.
func TestARecordLeavesNothingBehind(t *testing.T) {
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	const text = "注文した鍋がまだ届きません。店員さんはとても親切でした。"
	first, again := mail(t, d, text), mail(t, d, text)
	for _, r := range []*voc.Record{first, again} {
		if err := c.Apply(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the same record labelled twice (-first +again):\n%s", diff)
	}
}

// Every fact that the features of a record hold can be put into words, and
// every kind that features.go names has words.
func TestEveryKindOfFactHasWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "features.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		if v, ok := node.(*ast.ValueSpec); ok {
			for _, name := range v.Names {
				if strings.HasPrefix(name.Name, "kind") {
					n++
				}
			}
		}
		return true
	})
	all := spokenKinds()
	if len(all) != n+1 {
		t.Errorf("features.go has %d kinds, %d have words", n, len(all)-1)
	}
	for k, s := range all[1:] {
		if s.what == "" || s.read == nil {
			t.Errorf("kind %d has no words", k+1)
		}
	}
}
