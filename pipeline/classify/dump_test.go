package classify

import (
	"encoding/json"
	"os"
	"testing"
	"context"
	"time"
	"strings"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/chunk"
	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/voc"
)

type dTok struct{ S, B string; P int; N bool }
type dMatch struct{ K string; A int; Sub string; Pol int; As []int; ID string; From, To, Clause int; Neg bool; Typ string; Cue string; Val string }
type dClause struct{ From, To int; FT, TT int; Mod uint32; Role string; Seg int; Sent int; Voices []dVoice; Ops bool; Conc bool }
type dVoice struct{ T, A string; C float64; Rule string; G bool }
type dSent struct{ FT, TT int; Matches []dMatch; Seg int; Role string; Silent bool }
type dRec struct {
	ID, Channel, Industry, Trap, Manner, Text string
	Toks []dTok
	Sents []dSent
	Clauses []dClause
	Found []string
	Risks []string
	RuleVoices []dVoice
	Gold []map[string]any
	Flags []string
	Segs [][3]any
}

func TestDump(t *testing.T) {
	in, out := os.Getenv("DUMP_IN"), os.Getenv("DUMP_OUT")
	if in == "" { t.Skip() }
	d, err := dict.Load(""); if err != nil { t.Fatal(err) }
	m, err := morph.New(d); if err != nil { t.Fatal(err) }
	ch, err := chunk.New(d); if err != nil { t.Fatal(err) }
	cl, err := NewRules(d); if err != nil { t.Fatal(err) }
	of, _ := os.Create(out); defer of.Close()
	enc := json.NewEncoder(of); enc.SetEscapeHTML(false)
	for _, f := range strings.Fields(in) {
	data, err := os.ReadFile(f); if err != nil { t.Fatal(err) }
	for _, line := range strings.Split(string(data), "\n") {
		if strings.TrimSpace(line) == "" { continue }
		var g struct {
			ID, Channel, Industry, Trap, Manner string
			Text string; Turns []struct{ Speaker, Text string }
			Contact *struct{ ID, Channel, Note, Text, Answer, Product, Shop string; Turns []struct{ Speaker, Text string }; Parts []struct{ Question, Text string } }
			Gold []map[string]any
			Risk json.RawMessage
			Signals []struct{ Flag string }
		}
		if err := json.Unmarshal([]byte(line), &g); err != nil { t.Fatal(err) }
		r := &voc.Record{ID: g.ID, OccurredAt: time.Unix(0, 0)}
		add := func(role voc.Role, s string) {
			if s == "" { return }
			if len(r.Text) > 0 { r.Text += "\n" }
			r.Segments = append(r.Segments, voc.Segment{Role: role, Span: voc.Span{From: len(r.Text), To: len(r.Text) + len(s)}})
			r.Text += s
		}
		chn := g.Channel
		if g.Contact != nil { chn = g.Contact.Channel; r.ID = g.Contact.ID }
		if chn == "email" { chn = "mail" }
		r.Channel = voc.Channel(chn)
		if c := g.Contact; c != nil {
			for _, x := range c.Turns { add(voc.Role(x.Speaker), x.Text) }
			add(voc.NoteText, c.Note)
			for _, x := range c.Parts { add(voc.PartQuestion, x.Question); add(voc.PartAnswer, x.Text) }
			add(voc.FreeText, c.Text); add(voc.AnswerText, c.Answer)
			r.Product, r.Shop = c.Product, c.Shop
		} else {
			for _, x := range g.Turns { add(voc.Role(x.Speaker), x.Text) }
			if chn == "call" { add(voc.NoteText, g.Text) } else { add(voc.FreeText, g.Text) }
		}
		ctx := context.Background()
		if err := m.Apply(ctx, r); err != nil { t.Fatal(err) }
		func() { defer func() { if e := recover(); e != nil { t.Fatalf("PANIC %q", r.Text) } }(); if err := ch.Apply(ctx, r); err != nil { t.Fatal(err) } }()
		o := dRec{ID: r.ID, Channel: chn, Industry: g.Industry, Trap: g.Trap, Manner: g.Manner, Text: r.Text, Gold: g.Gold}
		for _, s := range r.Segments { o.Segs = append(o.Segs, [3]any{string(s.Role), s.Span.From, s.Span.To}) }
		w := new(work); w.begin(cl.lex, r)
		for i := range r.Tokens { t := &r.Tokens[i]; o.Toks = append(o.Toks, dTok{r.Slice(t.Span), t.Base, int(t.POS), false}) }
		for i := range r.Sentences {
			nv := len(w.voices)
			w.found = w.found[:0]
			w.sentence(i)
			s := &r.Sentences[i]
			role := r.Segments[s.Segment].Role
			ds := dSent{FT: s.FromToken, TT: s.ToToken, Seg: s.Segment, Role: string(role), Silent: w.silent}
			if role.Voiced() || role == voc.PartQuestion {
				for k := range w.scan.neg { if s.FromToken+k < len(o.Toks) && k < s.ToToken-s.FromToken { o.Toks[s.FromToken+k].N = w.scan.neg[k] } }
				for _, x := range w.found {
					dm := dMatch{From: int(x.from), To: int(x.to), Clause: int(x.clause), Neg: x.neg, A: -1}
					switch x.kind {
					case matchAspect: a := &cl.lex.aspects[x.index]; dm.K = "a"; dm.A = int(a.aspect); dm.Sub = a.sub; dm.ID = a.id
					case matchEvaluation: e := &cl.lex.evaluations[x.index]; dm.K = "e"; dm.Pol = int(w.polarityOf(&x)); dm.ID = e.id; for _, y := range e.aspects { dm.As = append(dm.As, int(y.aspect)) }
					case matchProcedure: p := &cl.lex.procedures[x.index]; dm.K = "p"; dm.A = int(p.aspect); dm.ID = p.id
					case matchRule: u := &cl.lex.rules[x.index]; dm.K = "r"; dm.ID = u.id; dm.Typ = string(u.typ); dm.Pol = int(u.polarity); for _, y := range u.aspects { dm.As = append(dm.As, int(y.aspect)) }
						if u.kind == cueRule { dm.K = "c"; dm.Val = u.value }
						if u.kind == riskRule { dm.K = "x"; dm.Val = u.value }
						if u.void { dm.Typ = "void" }
					}
					ds.Matches = append(ds.Matches, dm)
				}
			}
			o.Sents = append(o.Sents, ds)
			for k := range r.Clauses {
				c := &r.Clauses[k]
				if c.Sentence != i { continue }
				dc := dClause{From: c.Span.From, To: c.Span.To, FT: c.FromToken, TT: c.ToToken, Mod: uint32(c.Modality), Role: string(role), Seg: s.Segment, Sent: i}
				for _, v := range w.voices[nv:] { if v.Evidence.From >= c.Span.From-3 && v.Evidence.To <= c.Span.To+3 { dc.Voices = append(dc.Voices, dVoice{string(v.Type), string(v.Aspect), v.Confidence, v.Rule, v.generic}) } }
				o.Clauses = append(o.Clauses, dc)
			}
		}
		w.finish()
		for _, v := range r.Voices { o.RuleVoices = append(o.RuleVoices, dVoice{T: string(v.Type), A: string(v.Aspect), C: v.Confidence, Rule: v.Rule}) }
		for _, f := range r.Risks { o.Risks = append(o.Risks, f.Name) }
		var fl []struct{ Flag string }
		if json.Unmarshal(g.Risk, &fl) == nil { for _, x := range fl { o.Flags = append(o.Flags, x.Flag) } } else { var ss []string; json.Unmarshal(g.Risk, &ss); o.Flags = ss }
		if err := enc.Encode(o); err != nil { t.Fatal(err) }
	}
	}
}
