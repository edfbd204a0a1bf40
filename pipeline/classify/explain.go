package classify

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/koe-voc/koe/pipeline/model"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Explanation tells how a record came to its labels: for people, in words.
type Explanation struct {
	Clauses []ClauseView // those that may hold voices, in the order of the record
	Voices  []VoiceView  // one for each of the record's voices, in their order
}

// ClauseView is what was found in one clause and what was made of it.
type ClauseView struct {
	Clause   voc.Clause
	Modality []string
	Found    []Finding
	Rules    []voc.Voice // the voices that the rules find, sure or not
	Types    []Odds      // by the model, in the order of voc.Types; empty without a model
	Aspects  []Odds      // the likeliest three
}

// Finding is an entry of the dictionary found in a clause.
type Finding struct {
	Kind    string   // term, evaluation, order, expression, cue, risk or concept
	ID      string   // of the entry
	Says    string   // what the entry says, such as the aspect or the polarity
	Span    voc.Span // of a concept that of the clause
	Negated bool
}

// Odds is the probability of a class.
type Odds struct {
	Name        string
	Probability float64
}

// Weight is how much a fact speaks for a class, or against it if it is below 0:
// in log-odds of the model, apart from what it adds to all classes alike.
type Weight struct {
	Fact   string
	Weight float64
}

// VoiceView is why a voice has its labels. All but Clause is empty without a
// model: then Voice.Rule says it all.
type VoiceView struct {
	Clause     int // index into Explanation.Clauses, −1 for a voice of no one clause
	Type       Odds
	Aspect     Odds
	ForType    []Weight // the facts that weighed most, the heaviest first
	ForAspect  []Weight
	Attributes []Odds // what hangs on the voice, such as "touchpoint store"
}

const (
	topAspects = 3
	topFacts   = 6
)

// Explain labels r as Apply does and tells how it came to that. It costs more
// than Apply: it is for a person who looks at one record.
func (c *Classifier) Explain(ctx context.Context, r *voc.Record) (Explanation, error) {
	if err := fits(r); err != nil {
		return Explanation{}, fmt.Errorf("explain record %s: %w", r.ID, err)
	}
	w := c.free.Get().(*work)
	defer func() {
		w.release()
		c.free.Put(w)
	}()
	if err := w.read(ctx, c.lex, r); err != nil {
		return Explanation{}, err
	}
	x := explainer{work: w, words: newGlossary(w)}
	var out Explanation
	for k := range w.units {
		out.Clauses = append(out.Clauses, x.clause(k))
	}
	w.finish()
	if w.lex.voices != nil {
		for k := range w.units {
			out.Clauses[k].Types, out.Clauses[k].Aspects = x.odds(k)
		}
	}
	for i := range r.Voices {
		out.Voices = append(out.Voices, x.voice(&r.Voices[i]))
	}
	return out, nil
}

// explainer puts into words what a work holds.
type explainer struct {
	*work
	words *glossary
}

// clause tells what was found in unit k, before the record as a whole is
// looked at.
func (x *explainer) clause(k int) ClauseView {
	u := &x.units[k]
	x.recall(u)
	v := ClauseView{Clause: *u.rules.cl, Modality: modalities(u.modality)}
	for i := range x.found {
		m := &x.found[i]
		if m.clause == u.rules.at || m.clause < 0 && int(m.from) >= v.Clause.FromToken && int(m.to) <= v.Clause.ToToken {
			v.Found = append(v.Found, x.finding(m))
		}
	}
	for _, c := range x.concepts[u.concepts[0]:u.concepts[1]] {
		v.Found = append(v.Found, Finding{Kind: "concept", ID: x.lex.conceptIDs[c.word-1], Negated: c.negated, Span: v.Clause.Span})
	}
	for i := range x.voices {
		if c := &x.voices[i]; c.unit == k {
			v.Rules = append(v.Rules, c.Voice)
		}
	}
	return v
}

func (x *explainer) finding(m *match) Finding {
	ts := x.rec.Tokens
	f := Finding{ID: x.ruleID(m), Negated: m.neg, Span: voc.Span{From: ts[m.from].Span.From, To: ts[m.to-1].Span.To}}
	switch m.kind {
	case matchAspect:
		a := &x.lex.aspects[m.index]
		f.Kind, f.Says = "term", joined(aspectName(int(a.aspect)), a.sub)
	case matchEvaluation:
		f.Kind, f.Says = "evaluation", joined(fmt.Sprintf("%+d", x.polarityOf(m)), aspectNames(x.lex.evaluations[m.index].aspects))
	case matchProcedure:
		f.Kind, f.Says = "order", aspectName(int(x.lex.procedures[m.index].aspect))
	default:
		u := &x.lex.rules[m.index]
		switch u.kind {
		case cueRule:
			f.Kind, f.Says = "cue", joined(u.cue.String(), u.value)
		case riskRule:
			f.Kind, f.Says = "risk", u.value
		default:
			f.Kind, f.Says = "expression", joined(u.says(), aspectNames(u.aspects))
		}
	}
	return f
}

// says is the type of an expression, or its polarity where it has none.
func (u *rule) says() string {
	switch {
	case u.void:
		return "void"
	case u.typ != "":
		return string(u.typ)
	}
	return fmt.Sprintf("%+d", u.polarity)
}

// odds are what the clause model says of unit k.
func (x *explainer) odds(k int) (types, aspects []Odds) {
	m := x.lex.voices
	scores := x.probability[k*m.Columns() : (k+1)*m.Columns()]
	for t, p := range m.Head(scores, HeadType) {
		types = append(types, Odds{string(voc.Types()[t]), float64(p)})
	}
	for a, p := range m.Head(scores, HeadAspect) {
		aspects = append(aspects, Odds{aspectName(a), float64(p)})
	}
	slices.SortStableFunc(aspects, func(a, b Odds) int { return cmp.Compare(b.Probability, a.Probability) })
	return types, aspects[:topAspects]
}

// voice tells why a voice of the record has its labels.
func (x *explainer) voice(v *voc.Voice) VoiceView {
	out := VoiceView{Clause: x.clauseOf(v)}
	m := x.lex.voices
	if m == nil || out.Clause < 0 {
		return out
	}
	k, t, a := out.Clause, typeIndex(v.Type), aspectOf(v.Aspect)
	scores := x.probability[k*m.Columns() : (k+1)*m.Columns()]
	out.Type = Odds{string(v.Type), float64(m.Head(scores, HeadType)[t])}
	out.Aspect = Odds{string(v.Aspect), float64(m.Head(scores, HeadAspect)[a])}
	facts := x.factsOf(k)
	out.ForType = x.heaviest(m, HeadType, t, facts)
	out.ForAspect = x.heaviest(m, HeadAspect, a, facts)
	out.Attributes = x.hanging(v, k, t, a)
	return out
}

// clauseOf is the unit that a voice was made of: of those with its evidence the
// one that says it most, −1 if there is none.
func (x *explainer) clauseOf(v *voc.Voice) int {
	best, most := -1, float32(-1)
	for k := range x.units {
		u := &x.units[k]
		x.recall(u)
		if x.evidence(u.rules.cl) != v.Evidence {
			continue
		}
		p := float32(0)
		if m := x.lex.voices; m != nil {
			scores := x.probability[k*m.Columns() : (k+1)*m.Columns()]
			p = m.Head(scores, HeadType)[typeIndex(v.Type)] * m.Head(scores, HeadAspect)[aspectOf(v.Aspect)]
		}
		if p > most {
			best, most = k, p
		}
	}
	return best
}

// factsOf are all facts that the clause model sees of unit k.
func (x *explainer) factsOf(k int) []fact {
	u := &x.units[k]
	all := x.recordFacts(nil)
	all = append(all, x.local[u.local[0]:u.local[1]]...)
	all = x.around(all, k)
	seen := map[fact]bool{}
	return slices.DeleteFunc(all, func(f fact) bool {
		again := seen[f]
		seen[f] = true
		return again
	})
}

// heaviest are the facts that weigh most for a class of a head. Of a softmax
// only what sets the class apart from the others counts.
func (x *explainer) heaviest(m *model.Part, head, class int, facts []fact) []Weight {
	first := 0
	for _, h := range m.Heads()[:head] {
		first += len(h.Classes)
	}
	type weighed struct {
		fact   fact
		weight float64
	}
	h := m.Heads()[head]
	var all []weighed
	for _, f := range facts {
		feature := f.feature()
		weight := float64(m.Weight(feature, first+class))
		if h.Softmax {
			sum := 0.0
			for c := range h.Classes {
				sum += float64(m.Weight(feature, first+c))
			}
			weight -= sum / float64(len(h.Classes))
		}
		if weight != 0 {
			all = append(all, weighed{f, weight})
		}
	}
	slices.SortStableFunc(all, func(a, b weighed) int { return cmp.Compare(math.Abs(b.weight), math.Abs(a.weight)) })
	out := make([]Weight, 0, topFacts)
	for _, f := range all[:min(topFacts, len(all))] {
		out = append(out, Weight{x.words.name(f.fact), f.weight})
	}
	return out
}

// hanging are the likeliest answers of the model of attributes.
func (x *explainer) hanging(v *voc.Voice, k, t, a int) []Odds {
	m := x.lex.attributes
	odds := x.attributeOdds(k, t, a)
	var out []Odds
	for h, head := range m.Heads() {
		switch {
		case h == HeadAbove && v.Type != voc.Praise, h == HeadResponse && v.Type != voc.Complaint, h == HeadKind && v.Type != voc.Inquiry,
			h == HeadPrior && v.Type == voc.Inquiry:
			continue
		}
		p := m.Head(odds, h)
		best := likeliest(p)
		name := head.Name
		if head.Classes[best] != name {
			name += " " + head.Classes[best]
		}
		out = append(out, Odds{name, float64(p[best])})
	}
	return out
}
