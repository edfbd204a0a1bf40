package classify

import (
	"cmp"
	"slices"

	"github.com/koe-voc/koe/pipeline/voc"
)

// What makes a voice of probabilities, chosen on the tune part of the gold
// corpus for the sum of type and pair F1 (koe train prints the search).
const (
	clauseType = .4 // of a clause: its type is a voice with the clause's likeliest aspect
	recordType = .3 // of a record, over all clauses: the type is a voice with the record's likeliest aspect
	recordPair = .2 // of a record, over all clauses: the pair is a voice
	recordFlag = .1 // of a record, over all clauses: the risk or signal
)

const nTypes = 4

// pairs holds what the model says of a record by type and aspect: that at least
// one clause says it, and the clause that says it most.
type pairs struct {
	any  [nTypes][nAspects]float32
	best [nTypes][nAspects]int32
	most [nTypes][nAspects]float32
	typ  [nTypes]float32
	take [nTypes][nAspects]bool
}

// decide makes the voices of the record out of the probabilities by unit.
func (w *work) decide() {
	p := &w.pairs
	*p = pairs{}
	cols := w.lex.voices.Columns()
	for k := range w.units {
		scores := w.probability[k*cols : (k+1)*cols]
		p.add(int32(k), w.lex.voices.Head(scores, HeadType), w.lex.voices.Head(scores, HeadAspect))
	}
	w.warn(HeadRisk, &w.rec.Risks, voc.Risks())
	w.warn(HeadSignal, &w.rec.Signals, voc.Signals())
	for t := range nTypes {
		p.choose(t)
		for a := range nAspects {
			if p.take[t][a] {
				w.say(p.best[t][a], t, a, float64(p.any[t][a]))
			}
		}
	}
}

// warn sets the flags of a head: those of which the clauses as a whole are sure
// enough. The evidence is that of the rule where one found the flag.
func (w *work) warn(head int, list *[]voc.Flag, names []string) {
	cols := w.lex.voices.Columns()
	byRule := *list
	*list = nil
	for i, name := range names {
		some, best, most := float32(0), -1, float32(0)
		for k := range w.units {
			p := w.lex.voices.Head(w.probability[k*cols:(k+1)*cols], head)[i]
			some = 1 - (1-some)*(1-p)
			if p > most {
				best, most = k, p
			}
		}
		if some < recordFlag {
			continue
		}
		if n := slices.IndexFunc(byRule, func(f voc.Flag) bool { return f.Name == name }); n >= 0 {
			*list = append(*list, byRule[n])
			continue
		}
		u := &w.units[best]
		w.recall(u)
		*list = append(*list, voc.Flag{Name: name, Evidence: w.evidence(u.rules.cl), Rule: w.lex.modelRule})
	}
}

// add takes in a clause: clauses are taken as independent witnesses.
func (p *pairs) add(unit int32, types, aspects []float32) {
	likely := likeliest(aspects)
	for t, x := range types {
		p.typ[t] = 1 - (1-p.typ[t])*(1-x)
		for a, y := range aspects {
			p.any[t][a] = 1 - (1-p.any[t][a])*(1-x*y)
			if x*y > p.most[t][a] {
				p.most[t][a], p.best[t][a] = x*y, unit
			}
		}
		if x >= clauseType {
			p.take[t][likely] = true
		}
	}
}

// choose marks the pairs of type t that the record as a whole makes likely.
func (p *pairs) choose(t int) {
	some, likely := false, 0
	for a, x := range p.any[t] {
		if x >= recordPair {
			p.take[t][a] = true
		}
		some = some || p.take[t][a]
		if x > p.any[t][likely] {
			likely = a
		}
	}
	if !some && p.typ[t] >= recordType {
		p.take[t][likely] = true
	}
}

// say makes the voice of a unit. Where the rules found the type in that clause
// too, the voice names their entry, else the model.
func (w *work) say(at int32, t, a int, confidence float64) {
	u := &w.units[at]
	w.recall(u)
	f := &u.rules
	typ := voc.Types()[t]
	term := w.termOf(f, int8(a))
	v := w.draft(f, typ, a, term, w.witness(f, t))
	if v.Evidence.Len() == 0 {
		return
	}
	v.Rule = w.lex.modelRule
	for i := range w.voices {
		c := &w.voices[i]
		if c.unit == int(at) && c.Type == typ {
			v.Rule = c.Rule
			if c.Aspect == v.Aspect {
				break
			}
		}
	}
	w.hang(&v, int(at), t, a)
	v.Confidence = confidence
	w.rec.Voices = append(w.rec.Voices, v)
}

// hang sets what the model of attributes says of a voice.
func (w *work) hang(v *voc.Voice, at, t, a int) {
	m := w.lex.attributes
	odds := w.attributeOdds(m, at, t, a)
	v.TouchPoint = w.lex.taxonomy.TouchPoints[likeliest(m.Head(odds, HeadTouchPoint))].ID
	switch t {
	case inquiry:
		v.Kind = "question"
		if m.Head(odds, HeadKind)[0] > .5 {
			v.Kind = "request"
		}
		return
	case complaint:
		v.Response = m.Head(odds, HeadResponse)[0] > .5
	case praise:
		v.Fulfilment = "met"
		if m.Head(odds, HeadAbove)[0] > .5 {
			v.Fulfilment = "above"
		}
	}
	v.Prior = ""
	if n := likeliest(m.Head(odds, HeadPrior)); n > 0 {
		v.Prior = w.lex.taxonomy.Priors[n-1].ID
	}
}

func likeliest(p []float32) int {
	best := 0
	for i, x := range p {
		if x > p[best] {
			best = i
		}
	}
	return best
}

// witness is the match of the clause that speaks most for a type, −1: none.
func (w *work) witness(f *facts, t int) int32 {
	switch t {
	case complaint:
		return pick(f.worst, f.cue[complaint])
	case praise:
		return pick(f.best, f.cue[praise])
	case inquiry:
		return pick(f.order, f.cue[inquiry])
	}
	return f.cue[expectation]
}

// order sorts the voices by place.
func order(voices []voc.Voice) {
	slices.SortStableFunc(voices, func(a, b voc.Voice) int { return cmp.Compare(a.Evidence.From, b.Evidence.From) })
}
