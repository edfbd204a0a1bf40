package eval

import (
	"fmt"
	"io"
	"strings"
)

// Text writes the report for a reader. worst is how many confusions are
// listed, 0 for none; with record ids, never with words of a record.
func (r Report) Text(out io.Writer, worst int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "records %d\n\n", r.Records)
	fmt.Fprintf(&b, "%-24s %6s %6s %6s   %6s %6s %6s\n", "", "mic-P", "mic-R", "mic-F1", "mac-P", "mac-R", "mac-F1")
	for _, t := range []struct {
		name string
		Table
	}{
		{"type (per record)", r.Types},
		{"(type, aspect) pairs", r.Pairs},
		{"aspect (per record)", r.Aspects},
		{"risk flags", r.Risks},
		{"signals", r.Signals},
	} {
		fmt.Fprintf(&b, "%-24s %6.3f %6.3f %6.3f   %6.3f %6.3f %6.3f\n", t.name, t.Micro.Precision(), t.Micro.Recall(), t.Micro.F1(),
			t.Macro.Precision, t.Macro.Recall, t.Macro.F1)
	}
	b.WriteByte('\n')
	share(&b, "exact set of types", r.ExactTypes)
	share(&b, "exact set of pairs", r.ExactPairs)
	share(&b, "no-voice records right", r.Silent)
	share(&b, "voiced records found", r.Voiced)
	share(&b, "unclassified", r.Unclassified)
	fmt.Fprintf(&b, "%-24s %5d\n", "voices of an operator", r.OperatorVoices)
	calibrationTable(&b, r.Calibration)
	attributeTable(&b, r.Attributes)
	groupTable(&b, "channel", r.Channels)
	groupTable(&b, "trap", r.Traps)
	groupTable(&b, "industry", r.Industries)
	groupTable(&b, "manner", r.Manners)
	classTable(&b, "type", r.Types)
	classTable(&b, "aspect", r.Aspects)
	classTable(&b, "risk", r.Risks)
	classTable(&b, "signal", r.Signals)
	if worst > 0 {
		classTable(&b, "pair", r.Pairs)
		confusionTable(&b, r.Confusions, worst)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func share(b *strings.Builder, name string, s Share) {
	low, high := Wilson(s)
	fmt.Fprintf(b, "%-24s %5d / %5d = %.3f  [%.3f, %.3f]\n", name, s.K, s.N, s.Of(), low, high)
}

func groupTable(b *strings.Builder, title string, list []Group) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%-24s %5s %8s %8s %12s %12s\n", title, "n", "type F1", "pair F1", "exact types", "exact pairs")
	for _, g := range fold(list) {
		fmt.Fprintf(b, "%-24s %5d %8.3f %8.3f %12.3f %12.3f\n", g.Name, g.Records, g.Types.F1(), g.Pairs.F1(), g.ExactTypes.Of(), g.ExactPairs.Of())
	}
}

// Of groups there may be hundreds: those of fewer than fewRecords stand in one
// line, if they are many.
const (
	fewRecords = 5
	fewGroups  = 20
)

func fold(list []Group) []Group {
	if len(list) <= fewGroups {
		return list
	}
	var out []Group
	var rest Group
	n := 0
	for _, g := range list {
		if g.Records >= fewRecords {
			out = append(out, g)
			continue
		}
		n++
		rest.join(g)
	}
	if n > 0 {
		rest.Name = fmt.Sprintf("(%d others)", n)
		out = append(out, rest)
	}
	return out
}

func classTable(b *strings.Builder, title string, t Table) {
	fmt.Fprintf(b, "\n%-28s %6s %6s %6s %6s %6s\n", title, "P", "R", "F1", "gold", "found")
	for _, c := range t.Classes {
		fmt.Fprintf(b, "%-28s %6.3f %6.3f %6.3f %6d %6d\n", c.Name, c.Precision(), c.Recall(), c.F1(), c.Right+c.Missed, c.Right+c.Spurious)
	}
}

func confusionTable(b *strings.Builder, list []Confusion, worst int) {
	b.WriteString("\nconfusions (gold -> found), most frequent first\n")
	for i, c := range list {
		if i == worst {
			break
		}
		gold, found := c.Gold, c.Found
		if gold == "" {
			gold = "(nothing)"
		}
		if found == "" {
			found = "(nothing)"
		}
		ids, more := c.IDs, ""
		if len(ids) > 6 {
			ids, more = ids[:6], " ..."
		}
		fmt.Fprintf(b, "%4d  %-52s %s%s\n", len(c.IDs), gold+" -> "+found, strings.Join(ids, " "), more)
	}
}
