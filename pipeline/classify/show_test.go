package classify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/koe-voc/koe/pipeline/eval"
	"github.com/koe-voc/koe/pipeline/voc"
)

// show prints a record with its gold and found labels, for tuning.
func show(t *testing.T, g *goldRecord, r *voc.Record, c *eval.Case) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %s\n%s\n", g.ID, g.Channel, g.Industry, g.Trap, r.Text)
	for _, v := range g.Gold {
		fmt.Fprintf(&b, "   gold  %s/%s  %s\n", v.Type, v.Aspect, v.Evidence)
	}
	for _, v := range r.Voices {
		mark := "WRONG"
		for _, w := range g.Gold {
			if w.Type == v.Type && w.Aspect == v.Aspect {
				mark = "ok"
			} else if w.Type == v.Type && mark == "WRONG" {
				mark = "type ok"
			}
		}
		fmt.Fprintf(&b, "   found %s/%s %.2f %s [%s] %s: %s\n", v.Type, v.Aspect, v.Confidence, v.Rule, v.Target, mark, r.Slice(v.Evidence))
	}
	for _, u := range r.Unclassified {
		fmt.Fprintf(&b, "   unsure %s\n", r.Slice(u.Evidence))
	}
	fmt.Fprintf(&b, "   risk gold %v found %v  marks gold %v found %v\n", c.GoldRisks, c.FoundRisks, c.GoldMarks, c.FoundMarks)
	t.Log(b.String())
}
