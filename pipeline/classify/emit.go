package classify

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/koe-voc/koe/pipeline/voc"
)

// ruleModality is the rule of a voice that only its grammar shows: a question
// or a wish without a word of the dictionary.
const ruleModality = "grammar.modality"

// The aspects of a voice that names none, as indices of voc.Aspects.
const (
	defaultAspect = 0 // product
	orderAspect   = 7 // procedure

	attitudeAspect = 4
	servedWeight   = .6  // of attitude in praise of a sentence with 〜ていただいた
	kindness       = 1.6 // by how much more 〜てくれた speaks of a person that is named
)

// emit adds a voice of clause f, found by match by, −1: by its modality.
func (w *work) emit(f *facts, t voc.Type, by int32, conf float32) {
	a, term, strength := w.aspect(f, by, t == voc.Praise)
	v := w.sketch(f, t, a, term, by)
	v.Confidence = float64(conf)
	if v.Evidence.Len() == 0 || !w.more(t, a, v.Confidence) {
		return
	}
	if w.lex.voices == nil { // else it is only told what was found: the models decide
		w.fill(&v, f, term, by)
	}
	w.voices = append(w.voices, candidate{Voice: v, unit: len(w.units), sentence: w.sentenceAt, generic: strength < own})
}

// draft is the voice of clause f with a type and an aspect; term is the aspect
// term that it is about and by the match that found it, −1: none.
func (w *work) draft(f *facts, t voc.Type, a int, term, by int32) voc.Voice {
	v := w.sketch(f, t, a, term, by)
	w.fill(&v, f, term, by)
	return v
}

// sketch is what makes a voice, without what hangs on it.
func (w *work) sketch(f *facts, t voc.Type, a int, term, by int32) voc.Voice {
	return voc.Voice{Type: t, Aspect: voc.Aspects()[a], TouchPoint: w.lex.touchpoints[a], Evidence: w.evidence(f.cl), Rule: w.foundBy(f, t, by, term)}
}

// fill adds what hangs on a voice that sketch made.
func (w *work) fill(v *voc.Voice, f *facts, term, by int32) {
	if term >= 0 {
		x := &w.lex.aspects[term]
		v.Target, _, _ = strings.Cut(x.term, "|")
		v.Sub = x.sub
		if x.touchpoint != "" {
			v.TouchPoint = x.touchpoint
		}
	}
	if by >= 0 && w.found[by].kind == matchRule && w.lex.rules[w.found[by].index].sub != "" {
		v.Sub = w.lex.rules[w.found[by].index].sub
	}
	v.Polarity = f.polarity(v.Type)
	w.attributes(f, v, by)
}

// maxSame bounds the candidates of one type and aspect in a record, so that
// comparing them costs no more in a book than in a letter.
const maxSame = 32

// more reports whether another candidate of that pair is of use.
func (w *work) more(t voc.Type, aspect int, confidence float64) bool {
	c := &w.counts[slices.Index(voc.Types(), t)][aspect]
	if c.n >= maxSame && confidence <= c.best {
		return false
	}
	c.n++
	c.best = max(c.best, confidence)
	return true
}

// foundBy is the id of the entry that decided, else that of a cue for the type,
// else that of the term the voice is about.
func (w *work) foundBy(f *facts, t voc.Type, by, term int32) string {
	if by < 0 {
		by = f.cue[slices.Index(voc.Types(), t)]
	}
	switch {
	case by >= 0:
		return w.ruleID(&w.found[by])
	case term >= 0:
		return w.lex.aspects[term].id
	}
	return ruleModality
}

func (w *work) ruleID(m *match) string {
	switch m.kind {
	case matchAspect:
		return w.lex.aspects[m.index].id
	case matchEvaluation:
		return w.lex.evaluations[m.index].id
	case matchProcedure:
		return w.lex.procedures[m.index].id
	default:
	}
	return w.lex.rules[m.index].id
}

// polarity gives the sign by the type and the strength by the words.
func (f *facts) polarity(t voc.Type) int {
	p := 0
	switch t {
	case voc.Complaint:
		p = min(max(f.bad, -2), -1)
		if f.intense {
			p = -2
		} else if f.soft {
			p = -1
		}
	case voc.Praise:
		p = max(min(f.good, 2), 1)
		if f.intense {
			p = 2
		} else if f.soft {
			p = 1
		}
	default:
	}
	return p
}

// Weights of an aspect term by where it stands: in the clause, so many clauses
// before it in the sentence, or after it.
const (
	inClause = 1.0
	nextTo   = .75
	earlier  = .4
	after0   = .25
	marked   = 1.25 // followed by は, が, も or を
	byRule   = 1.2  // the aspect of the evaluation or rule itself

	topicWeight = .5
	own         = .25 // below it the sentence does not say what it is about
)

// aspect adds up what the clause, the sentence, what was said before and the
// form's question say the clause is about. term is the aspect term that stands
// for it, −1 if there is none.
func (w *work) aspect(f *facts, by int32, praises bool) (aspect int, term int32, strength float32) {
	var sum [nAspects]float32
	if praises && w.served {
		sum[attitudeAspect] += servedWeight
	}
	t := voc.Type("")
	if by >= 0 && w.found[by].kind == matchRule {
		t = w.lex.rules[w.found[by].index].typ
	}
	for i := range w.found {
		m := &w.found[i]
		switch {
		case m.kind == matchAspect && by >= 0 && w.found[by].kind == matchProcedure && m.from >= w.found[by].from && m.to <= w.found[by].to:
		case m.kind == matchAspect:
			a := &w.lex.aspects[m.index]
			x := a.weight * w.place(f, m)
			if f.mod.Has(voc.Benefactive) && a.aspect == attitudeAspect {
				x *= kindness
			}
			sum[a.aspect] += x
		case m.clause != f.at:
		case m.kind == matchEvaluation && (w.polarityOf(m) != 0 || int32(i) == by):
			add(&sum, w.lex.evaluations[m.index].aspects)
		case m.kind == matchRule && w.lex.rules[m.index].kind == expressionRule && w.lex.rules[m.index].typ == t && (t == "" || w.typed(f, m)):
			add(&sum, w.lex.rules[m.index].aspects)
		case m.kind == matchProcedure && int32(i) == by:
			sum[w.lex.procedures[m.index].aspect] += byRule
		}
	}
	for _, x := range sum {
		strength = max(strength, x)
	}
	aspect = defaultAspect
	if f.mod.Has(voc.Question) || by >= 0 && w.found[by].kind == matchProcedure {
		aspect = orderAspect
	}
	most := float32(0)
	for i, x := range sum {
		x += topicWeight*w.topic.weight[i] + w.asked.weight[i]
		if x > most {
			aspect, most = i, x
		}
	}
	return aspect, w.termOf(f, int8(aspect)), strength
}

func add(sum *[nAspects]float32, list []weighted) {
	for _, a := range list {
		sum[a.aspect] += byRule * a.weight
	}
}

func (w *work) place(f *facts, m *match) float32 {
	x := float32(earlier)
	switch {
	case m.clause == f.at || int(m.from) >= f.cl.FromToken && int(m.to) <= f.cl.ToToken:
		x = inClause
	case int(m.from) >= f.cl.ToToken:
		x = after0
	case m.clause == f.at-1:
		x = nextTo
	}
	if int(m.to) < len(w.rec.Tokens) {
		switch w.rec.Tokens[m.to].Base {
		case "は", "が", "も", "を":
			x *= marked
		}
	}
	return x
}

// termOf is the term for an aspect that stands nearest to the clause's end.
func (w *work) termOf(f *facts, aspect int8) int32 {
	at := int32(-1)
	for i := range w.found {
		m := &w.found[i]
		if m.kind == matchAspect && int(m.from) < f.cl.ToToken && w.lex.aspects[m.index].aspect == aspect {
			at = m.index
		}
	}
	if at < 0 {
		at = w.topic.term[aspect] - 1
	}
	return at
}

// evidence is the clause without the signs and white space around it.
func (w *work) evidence(cl *voc.Clause) voc.Span {
	s := cl.Span
	seg := w.rec.Segments[w.segment].Span
	s.From, s.To = max(s.From, seg.From), min(s.To, seg.To)
	if s.From >= s.To {
		return voc.Span{}
	}
	text := w.rec.Text[s.From:s.To]
	trimmed := strings.TrimLeftFunc(text, isEdge)
	s.From += len(text) - len(trimmed)
	s.To = s.From + len(strings.TrimRightFunc(trimmed, isEnd))
	return s
}

func isEdge(r rune) bool {
	return unicode.IsSpace(r) || r == '、' || r == '。' || r == '，' || r == ',' || r == '→' || r == '・' || r == '」' || r == ')' || r == '）'
}

func isEnd(r rune) bool {
	return unicode.IsSpace(r) || r == '、' || r == '。' || r == '，' || r == ',' || r == utf8.RuneError
}
