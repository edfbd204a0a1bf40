package classify

import (
	"cmp"
	"slices"

	"github.com/koe-voc/koe/pipeline/model"
	"github.com/koe-voc/koe/pipeline/voc"
)

// What makes a voice of probabilities, chosen on the tune part of the gold
// corpus for the sum of type and pair F1.
const (
	pairOdds  = .15 // of a pair of type and aspect
	pairPart  = .3  // of the odds of the likeliest pair of that type
	blameOdds = .4  // of a complaint, below which there is none: real centres have few among many requests
	typeOdds  = .35 // of a type, over all clauses: its likeliest pair is a voice whatever its odds
)

// A record as a whole is taken to say nothing from noneOdds on, unless a type has
// the odds saidOdds in its clauses.
const (
	noneOdds = .6
	saidOdds = .9
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
	w.heed()
	cols := w.lex.voices.Columns()
	for k := range w.units {
		scores := w.probability[k*cols : (k+1)*cols]
		p.add(int32(k), w.lex.voices.Head(scores, HeadType), w.lex.voices.Head(scores, HeadAspect))
	}
	pair := w.lex.record.Head(w.overall, HeadPair)
	for t := range nTypes {
		for a := range nAspects {
			p.any[t][a] = together(p.any[t][a], pair[t*nAspects+a])
		}
	}
	w.warn(HeadRisk, HeadRecordRisk, flagWeights{.84, .30, .82, 1.37, .26}, &w.rec.Risks, voc.Risks())
	w.warn(HeadSignal, HeadRecordSignal, flagWeights{.55, .55, 1.33, .63, .2}, &w.rec.Signals, voc.Signals())
	if w.lex.record.Head(w.overall, HeadNone)[0] >= noneOdds && slices.Max(p.typ[:]) < saidOdds {
		return
	}
	for t := range nTypes {
		p.choose(t)
		for a := range nAspects {
			if p.take[t][a] {
				w.say(p.best[t][a], t, a, float64(p.any[t][a]))
			}
		}
		w.doubt(t)
	}
}

// An explicit rule says what is meant whatever else the model has read: a type
// for which a rule of this confidence stands has at least these odds.
const (
	explicit     = .9
	explicitOdds = .45
)

// heed raises the odds of the types for which explicit rules stand, in the units
// of their clauses.
func (w *work) heed() {
	cols := w.lex.voices.Columns()
	for i := range w.voices {
		if v := &w.voices[i]; v.Confidence >= explicit-1e-6 && v.unit < len(w.units) {
			types, t := w.lex.voices.Head(w.probability[v.unit*cols:(v.unit+1)*cols], HeadType), typeIndex(v.Type)
			types[t] = max(types[t], explicitOdds)
		}
	}
}

// What is listed as unclassified beside, or instead of, a voice: a type or a
// pair whose odds are below these.
const (
	heard      = .2 // of a type: below it nothing was said
	sureType   = .5
	sureAspect = .25
)

// doubt lists the clause of type t that says most, where it is not sure that it
// says it, or of what.
func (w *work) doubt(t int) {
	p := &w.pairs
	a := likeliest(p.any[t][:])
	reason := "type"
	switch {
	case len(w.units) == 0 || p.typ[t] < heard:
		return
	case p.typ[t] < sureType:
	case p.any[t][a] < sureAspect:
		reason = "aspect"
	default:
		return
	}
	u := &w.units[p.best[t][a]]
	w.recall(u)
	if e := w.evidence(u.rules.cl); e.Len() > 0 {
		w.rec.Unclassified = append(w.rec.Unclassified, voc.Unclassified{Evidence: e, Reason: reason})
	}
}

// warn sets the flags of a head: those of which the clauses as a whole are sure
// enough. The evidence is that of the rule where one found the flag.
func (w *work) warn(head, whole int, by flagWeights, list *[]voc.Flag, names []string) {
	record := w.lex.record.Head(w.overall, whole)
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
		n := slices.IndexFunc(byRule, func(f voc.Flag) bool { return f.Name == name })
		if best < 0 || by.odds(some, record[i], n >= 0) < by.least {
			continue
		}
		if n >= 0 {
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
	for t, x := range types {
		p.typ[t] = 1 - (1-p.typ[t])*(1-x)
		for a, y := range aspects {
			p.any[t][a] = 1 - (1-p.any[t][a])*(1-x*y)
			if x*y > p.most[t][a] {
				p.most[t][a], p.best[t][a] = x*y, unit
			}
		}
	}
}

// choose marks the pairs of type t that are voices.
func (p *pairs) choose(t int) {
	odds := p.any[t][:]
	likely := likeliest(odds)
	if t == complaint && p.typ[t] < blameOdds {
		return
	}
	for a, x := range odds {
		p.take[t][a] = x >= pairOdds && x >= pairPart*odds[likely]
	}
	if p.typ[t] >= typeOdds {
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
	v.Confidence = sure(confidence)
	w.rec.Voices = append(w.rec.Voices, v)
}

// priorOdds is from where on the model says what was expected. The dictionary's cues
// are among what it goes by; where it is silent they are wrong more often than
// right.
const priorOdds = .25

// hang sets what the model of attributes says of a voice.
func (w *work) hang(v *voc.Voice, at, t, a int) {
	m := w.lex.attributes
	odds := w.attributeOdds(at, t, a)
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
	if said := m.Head(odds, HeadPrior)[1:]; said[likeliest(said)] >= priorOdds {
		v.Prior = w.lex.taxonomy.Priors[likeliest(said)].ID
	}
}

// together weighs what the clauses say against what the record as a whole says,
// by a logistic regression on the tune part of the gold corpus.
func together(clauses, record float32) float32 {
	const byClauses, byRecord, bias = .62, .56, -.05
	return model.Logistic(byClauses*model.Logit(clauses) + byRecord*model.Logit(record) + bias)
}

// sure is how often a pair of these odds is right, by a line through the shares of
// the tune part: the odds of the models are too low where they are low.
func sure(odds float64) float64 {
	const by, bias = .75, .35
	return float64(model.Logistic(by*model.Logit(float32(odds)) + bias))
}

// flagWeights weigh what clauses, record and rules say of a flag, fitted as
// those of together; a flag holds from the odds least on.
type flagWeights struct{ clauses, record, rule, bias, least float32 }

func (f flagWeights) odds(clauses, record float32, byRule bool) float32 {
	x := f.clauses*model.Logit(clauses) + f.record*model.Logit(record) + f.bias
	if byRule {
		x += f.rule
	}
	return model.Logistic(x)
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
