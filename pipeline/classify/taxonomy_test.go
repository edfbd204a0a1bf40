package classify_test

import (
	"slices"
	"testing"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/classify"
)

// LoadTaxonomy holds types, aspects, risks and signals equal to package voc.
func TestTaxonomy(t *testing.T) {
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	x, err := classify.LoadTaxonomy(d)
	if err != nil {
		t.Fatal(err)
	}
	need := map[string][]string{"safety": {"body", "privacy"}, "advertising": {"label", "solicitation"}, "access": {"phone", "booking", "wait"}}
	for _, a := range x.Aspects {
		if a.Label == "" || a.Definition == "" || a.TouchPoint == "" || len(a.Subs) == 0 {
			t.Errorf("aspect %s lacks a label, a definition, a touch point or sub-aspects", a.ID)
		}
		for _, id := range need[a.ID] {
			if !slices.ContainsFunc(a.Subs, func(s classify.Term) bool { return s.ID == id }) {
				t.Errorf("aspect %s has no sub-aspect %s", a.ID, id)
			}
		}
	}
}

func TestBadEntriesAreErrors(t *testing.T) {
	for _, c := range []struct{ name, file, head, row string }{
		{"unknown aspect", "aspects.tsv", "id\tterm\taspect\tsub\ttouchpoint\tweight", "x\tよ\tnone"},
		{"unknown polarity", "evaluations.tsv", "id\tterm\tpos\tpolarity\tnegated\taspect\tbeside\tquality", "x\tよ\t\t7"},
		{"unknown type", "expressions.tsv", "id\tpattern\ttype\taspect\tsub\tpolarity\tconfidence\tquality\twhen", "x\tよ\tanger"},
		{"unknown condition", "cues.tsv", "id\tkind\tvalue\tpattern\tweight\twhen", "x\tvoid\t\tよ\t\tmaybe"},
		{"unknown flag", "risks.tsv", "id\tflag\tpattern\twhen", "x\tstorm\tよ"},
		{"empty pattern", "risks.tsv", "id\tflag\tpattern\twhen", "x\tlegal\t-よ"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := dict.New(dict.Builtin(), mapFS(c.file, c.head+"\n"+c.row+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := classify.New(d); err == nil {
				t.Error("no error")
			}
		})
	}
}
