package classify

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/chunk"
	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/voc"
	"github.com/koe-voc/koe/testdata"
)

// finder tells which entries of aspects.tsv and evaluations.tsv a text makes
// match.
type finder struct {
	morph *morph.Analyzer
	chunk *chunk.Chunker
	work  work
	lex   *lexicon
}

func newFinder(t *testing.T) *finder {
	t.Helper()
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	f := &finder{}
	if f.lex, err = newLexicon(d); err != nil {
		t.Fatal(err)
	}
	if f.morph, err = morph.New(d); err != nil {
		t.Fatal(err)
	}
	if f.chunk, err = chunk.New(d); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *finder) find(t *testing.T, text string, into map[string]bool) {
	t.Helper()
	r := &voc.Record{
		ID: "x", Channel: voc.ChannelMail, Text: text,
		Segments: []voc.Segment{{Role: voc.FreeText, Span: voc.Span{To: len(text)}}},
	}
	if err := f.morph.Apply(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := f.chunk.Apply(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	w := &f.work
	w.begin(f.lex, r)
	for _, s := range r.Sentences {
		if s.FromToken == s.ToToken {
			continue
		}
		w.scan.scan(f.lex.words, r, s.FromToken, s.ToToken)
		w.matches(s.FromToken)
		for i := range w.found {
			switch m := &w.found[i]; m.kind {
			case matchAspect:
				into["aspects.tsv "+f.lex.aspects[m.index].id] = true
			case matchEvaluation:
				into["evaluations.tsv "+f.lex.evaluations[m.index].id] = true
			default:
			}
		}
	}
}

// wordsOf gathers what people said in a contact.
func wordsOf(v any, key string, out []string) []string {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			out = wordsOf(x, k, out)
		}
	case []any:
		for _, x := range v {
			out = wordsOf(x, key, out)
		}
	case string:
		switch key {
		case "text", "note", "answer":
			out = append(out, v)
		}
	}
	return out
}

// An entry counts only if something makes it match: a contact of the gold
// corpus, a phrase, or a sentence of its own in lexicon_examples.tsv.
func TestLexiconEntriesFire(t *testing.T) {
	f := newFinder(t)
	fired := map[string]bool{}
	records, err := testdata.Gold()
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if records[i].Part() == testdata.Test {
			continue
		}
		var contact any
		if err := json.Unmarshal(records[i].Contact, &contact); err != nil {
			t.Fatal(err)
		}
		for _, text := range wordsOf(contact, "", nil) {
			f.find(t, text, fired)
		}
	}
	phrases, err := testdata.Phrases()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range phrases {
		f.find(t, p.Text, fired)
	}
	inCorpus := len(fired)
	data, err := os.ReadFile("testdata/lexicon_examples.tsv")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		id, sentence, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		if !ok {
			t.Fatalf("lexicon_examples.tsv: %q is not an entry, a tab and a sentence", line)
		}
		found := map[string]bool{}
		if f.find(t, sentence, found); !found[id] {
			t.Errorf("%s does not match in its example %s", id, sentence)
		}
		fired[id] = true
		n++
	}
	for i := range f.lex.aspects {
		if id := "aspects.tsv " + f.lex.aspects[i].id; !fired[id] {
			t.Errorf("%s matches in no text; give it an example or drop it", id)
		}
	}
	for i := range f.lex.evaluations {
		if id := "evaluations.tsv " + f.lex.evaluations[i].id; !fired[id] {
			t.Errorf("%s matches in no text; give it an example or drop it", id)
		}
	}
	t.Logf("%d aspect terms, %d evaluations: %d match in gold and phrases, %d have an example",
		len(f.lex.aspects), len(f.lex.evaluations), inCorpus, n)
}
