package classify_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/koe-voc/koe/pipeline/eval"
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
