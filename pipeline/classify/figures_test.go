package classify_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/koe-voc/koe/pipeline/eval"
	"github.com/koe-voc/koe/pipeline/voc"
)

func report(t *testing.T, name string, cases []eval.Case, worst int) eval.Report {
	t.Helper()
	r := eval.Score(cases)
	var b strings.Builder
	fmt.Fprintf(&b, "== %s\n", name)
	if err := r.Text(&b, worst); err != nil {
		t.Fatal(err)
	}
	t.Log(b.String())
	return r
}

func TestVoicesDev(t *testing.T) {
	gold := readGold(t, need(t, shared+"voices-dev.jsonl"))
	cases, records := judge(t, newStages(t), gold)
	r := report(t, "voices-dev", cases, 60)
	if os.Getenv("KOE_SHOW") != "" {
		for i, g := range gold {
			show(t, &g, records[i], &cases[i])
		}
	}
	if got := r.Types.Micro.F1(); got < .70 {
		t.Errorf("type micro-F1 is %.3f, want .70", got)
	}
	if got := r.Pairs.Micro.F1(); got < .35 {
		t.Errorf("pair micro-F1 is %.3f, want .35", got)
	}
	if r.OperatorVoices > 0 {
		t.Errorf("%d voices come from an operator's turn", r.OperatorVoices)
	}
}

// The project's own gold: train and tune may be read, test is figures only.
func TestGold(t *testing.T) {
	gold := readGold(t, "../../testdata/gold/*.jsonl")
	if len(gold) == 0 {
		t.Skip("skipped: there is no gold corpus")
	}
	s := newStages(t)
	var seen, test []goldRecord
	for _, g := range gold {
		if part(g.ID) >= 8 {
			test = append(test, g)
		} else {
			seen = append(seen, g)
		}
	}
	cases, records := judge(t, s, seen)
	if os.Getenv("KOE_SHOW") != "" {
		for i, g := range seen {
			show(t, &g, records[i], &cases[i])
		}
	}
	report(t, "train and tune", cases, 60)
	cases, _ = judge(t, s, test)
	if r := report(t, "test", cases, 0); r.OperatorVoices > 0 {
		t.Errorf("%d voices come from an operator's turn", r.OperatorVoices)
	}
}

// Sentences written for this test, a label each: what coverage of the language
// comes to, record by record.
func TestSentences(t *testing.T) {
	s := newStages(t)
	var cases []eval.Case
	n := 0
	rows(t, "testdata/sentences.tsv", func(m map[string]string) {
		n++
		role := map[string]voc.Role{"call": voc.NoteText, "chat": voc.CustomerTurn}[m["channel"]]
		if role == "" {
			role = voc.FreeText
		}
		r := one(fmt.Sprint(n), voc.Channel(m["channel"]), []voc.Role{role}, m["text"])
		s.run(t, r)
		c := eval.Case{ID: fmt.Sprint(n), Channel: m["channel"], GoldRisks: strings.Fields(m["risk"])}
		for p := range strings.FieldsSeq(m["pairs"]) {
			if ty, a, ok := strings.Cut(p, "/"); ok {
				c.Gold = append(c.Gold, eval.Label{Type: voc.Type(ty), Aspect: voc.Aspect(a)})
			}
		}
		var found []string
		for _, v := range r.Voices {
			c.Found = append(c.Found, eval.Label{Type: v.Type, Aspect: v.Aspect})
			found = append(found, string(v.Type)+"/"+string(v.Aspect)+":"+v.Rule)
		}
		for _, f := range r.Risks {
			c.FoundRisks = append(c.FoundRisks, f.Name)
			found = append(found, f.Rule)
		}
		if one := eval.Score([]eval.Case{c}); one.ExactPairs.K == 0 || one.Risks.Micro.Spurious > 0 {
			t.Log(m["text"], "want", m["pairs"], c.GoldRisks, "got", found)
		}
		cases = append(cases, c)
	})
	r := report(t, "sentences", cases, 0)
	if got := r.Types.Micro.F1(); got < .85 {
		t.Errorf("type micro-F1 is %.3f, want .85", got)
	}
	if got := r.Pairs.Micro.F1(); got < .62 {
		t.Errorf("pair micro-F1 is %.3f, want .62", got)
	}
}
