package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/pipeline/voc"
)

// page is an explanation for people.
type page struct{ *explained }

func (p page) print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s  definitions %s\n", p.ID, p.Channel, p.Definition)
	for i := range p.Sentences {
		if err := p.Sentences[i].write(&b); err != nil {
			return err
		}
	}
	for i := range p.Voices {
		if err := p.Voices[i].write(&b); err != nil {
			return err
		}
	}
	if len(p.Voices) == 0 {
		b.WriteString("\nno voice\n")
	}
	if err := p.flags(&b); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *explainedSentence) write(b *strings.Builder) error {
	fmt.Fprintf(b, "\n%s: %s\n", s.Role, oneLine(s.Text))
	t := ui.Table{Right: []bool{true}}
	for i, p := range s.Bunsetsu {
		arrow := ""
		if p.Link >= 0 {
			arrow = fmt.Sprintf("→ %d", p.Link)
		}
		var tokens []string
		for _, k := range p.Tokens {
			tokens = append(tokens, oneLine(k.Base)+" "+k.POS)
		}
		t.Rows = append(t.Rows, []string{fmt.Sprint(i), oneLine(p.Text), arrow, strings.Join(tokens, " · ")})
	}
	if err := indented(b, "  ", t); err != nil {
		return err
	}
	for i := range s.Clauses {
		if err := s.Clauses[i].write(b); err != nil {
			return err
		}
	}
	return nil
}

func (c *explainedClause) write(b *strings.Builder) error {
	if c.Number < 0 {
		fmt.Fprintf(b, "  clause 「%s」 is not looked at for voices\n", oneLine(c.Text))
		return nil
	}
	fmt.Fprintf(b, "  clause %d 「%s」 %s\n", c.Number, oneLine(c.Text), strings.Join(c.Modality, ", "))
	var t ui.Table
	for i, f := range c.Found {
		says := f.Says
		if f.Negated {
			says = strings.TrimSpace(says + " negated")
		}
		text := ""
		if f.Text != "" {
			text = "「" + oneLine(f.Text) + "」"
		}
		t.Rows = append(t.Rows, []string{once("found", i), f.Kind, says, text, f.ID})
	}
	if err := indented(b, "    ", t); err != nil {
		return err
	}
	for i, r := range c.Rules {
		fmt.Fprintf(b, "    %-5s  %s/%s %.2f  %s\n", once("rules", i), r.Type, r.Aspect, r.Confidence, r.Rule)
	}
	if len(c.Types) > 0 {
		fmt.Fprintf(b, "    model  %s; %s\n", oddsLine(c.Types), oddsLine(c.Aspects))
	}
	return nil
}

func (v *explainedVoice) write(b *strings.Builder) error {
	fmt.Fprintf(b, "\nvoice %s/%s", v.voice.Type, v.voice.Aspect)
	if v.Clause >= 0 {
		fmt.Fprintf(b, " of clause %d", v.Clause)
	}
	fmt.Fprintf(b, ", confidence %.2f, rule %s\n", v.voice.Confidence, v.voice.Rule)
	if line := labelsOf(&v.voice); line != "" {
		fmt.Fprintf(b, "  %s\n", line)
	}
	if v.Type == nil {
		return nil
	}
	if len(v.Attributes) > 0 {
		fmt.Fprintf(b, "  model: %s\n", oddsLine(v.Attributes))
	}
	t := ui.Table{Right: []bool{false, true}}
	for _, why := range []struct {
		of    string
		odds  *odds
		facts []weight
	}{{"type", v.Type, v.ForType}, {"aspect", v.Aspect, v.ForAspect}} {
		for i, f := range why.facts {
			t.Rows = append(t.Rows, []string{once(fmt.Sprintf("%s %s %.2f", why.of, why.odds.Name, why.odds.Probability), i), fmt.Sprintf("%+.2f", f.Weight), f.Fact})
		}
	}
	return indented(b, "  ", t)
}

// labelsOf lists what hangs on a voice.
func labelsOf(v *voc.Voice) string {
	var out []string
	for _, a := range [][2]string{
		{"sub", v.Sub},
		{"kind", v.Kind},
		{"about", v.Target},
		{"touchpoint", v.TouchPoint},
		{"journey", v.Journey},
		{"fulfilment", v.Fulfilment},
		{"prior", v.Prior},
		{"from", v.PriorFrom},
		{"qualities", strings.Join(v.Qualities, ",")},
	} {
		if a[1] != "" {
			out = append(out, a[0]+" "+a[1])
		}
	}
	if v.Response {
		out = append(out, "expects a response")
	}
	return strings.Join(out, ", ")
}

// flags writes risks, signals, mentions and what stayed unclassified.
func (p page) flags(b *strings.Builder) error {
	for _, set := range []struct {
		what string
		list []json.RawMessage
	}{{"risk", p.Risks}, {"signal", p.Signals}, {"mention", p.Mentions}, {"unclassified", p.Unclassified}} {
		for _, raw := range set.list {
			var f struct {
				Flag     string `json:"flag"`
				Kind     string `json:"kind"`
				Value    string `json:"value"`
				Evidence string `json:"evidence"`
				Rule     string `json:"rule"`
				Reason   string `json:"reason"`
			}
			if err := json.Unmarshal(raw, &f); err != nil {
				return fmt.Errorf("write %s: %w", set.what, err)
			}
			b.WriteString("\n" + set.what)
			for _, s := range []string{f.Flag, f.Kind, f.Value, f.Reason} {
				if s != "" {
					b.WriteString(" " + s)
				}
			}
			if f.Evidence != "" {
				b.WriteString(" 「" + oneLine(f.Evidence) + "」")
			}
			if f.Rule != "" {
				b.WriteString(", rule " + f.Rule)
			}
			b.WriteByte('\n')
		}
	}
	return nil
}

func oddsLine(list []odds) string {
	out := make([]string, len(list))
	for i, o := range list {
		out[i] = fmt.Sprintf("%s %.2f", o.Name, o.Probability)
	}
	return strings.Join(out, "  ")
}

// once is a heading on its first row.
func once(s string, row int) string {
	if row > 0 {
		return ""
	}
	return s
}

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", " ") }

func indented(b *strings.Builder, by string, t ui.Table) error {
	var rows strings.Builder
	if err := t.Write(&rows); err != nil {
		return err
	}
	for line := range strings.Lines(rows.String()) {
		b.WriteString(by + line)
	}
	return nil
}

// posName is a part of speech as the IPA dictionary writes it.
func posName(p voc.POS) string {
	names := [...]string{
		voc.Noun: "名詞", voc.NounVerbal: "名詞,サ変接続", voc.NounAdj: "名詞,形容動詞語幹", voc.NounAdverbial: "名詞,副詞可能",
		voc.NounProper: "名詞,固有名詞", voc.NounPerson: "名詞,人名", voc.NounPlace: "名詞,地域", voc.NounOrg: "名詞,組織", voc.NounNumber: "名詞,数",
		voc.NounCounter: "名詞,助数詞", voc.NounSuffix: "名詞,接尾", voc.NounDependent: "名詞,非自立", voc.NounPronoun: "名詞,代名詞",
		voc.Verb: "動詞", voc.VerbDependent: "動詞,非自立", voc.VerbSuffix: "動詞,接尾", voc.Adjective: "形容詞", voc.AdjDependent: "形容詞,非自立",
		voc.Adverb: "副詞", voc.Adnominal: "連体詞", voc.Conjunction: "接続詞", voc.Interjection: "感動詞", voc.Filler: "フィラー", voc.Prefix: "接頭詞",
		voc.ParticleCase: "格助詞", voc.ParticleTopic: "係助詞", voc.ParticleConj: "接続助詞", voc.ParticleAdverb: "副助詞", voc.ParticleFinal: "終助詞",
		voc.ParticlePara: "並立助詞", voc.ParticleNoun: "連体化", voc.ParticleOther: "助詞", voc.Auxiliary: "助動詞", voc.Period: "句点",
		voc.Comma: "読点", voc.BracketOpen: "括弧開", voc.BracketClose: "括弧閉", voc.Symbol: "記号", voc.Space: "空白", voc.Placeholder: "伏せ字",
	}
	if int(p) < len(names) && names[p] != "" {
		return names[p]
	}
	return "その他"
}
