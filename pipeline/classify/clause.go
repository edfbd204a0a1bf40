package classify

import (
	"github.com/koe-voc/koe/pipeline/voc"
)

// facts are what the dictionary says of one clause.
type facts struct {
	cl       *voc.Clause
	at       int32 // of the sentence
	mod      voc.Modality
	bad      int   // sum of negative evaluations, ≤ 0
	good     int   // sum of positive ones
	worst    int32 // index of the match of the strongest negative one, −1
	best     int32
	weight   [4]float32 // of the cues for a type, in the order of voc.Types
	cue      [4]int32   // match of the strongest of them, −1
	order    int32      // match of a procedure, −1
	lack     int32      // match of a thing that is said not to be there, −1
	firm     bool
	operator bool
	own      bool
	improve  bool
	ask      bool
	label    bool // the label of the sentence stands in this clause
	intense  bool
	soft     bool
	void     bool
	typed    int // expressions with a type of their own
}

// index of a type in voc.Types.
const (
	complaint = iota
	expectation
	praise
	inquiry
)

// facts gathers what was found in clause cl. A match belongs to the clause
// that its last token is in.
func (w *work) facts(clauses []voc.Clause, k int) facts {
	cl := &clauses[k]
	f := facts{cl: cl, at: int32(k), mod: cl.Modality, worst: -1, best: -1, order: -1, lack: -1, cue: [4]int32{-1, -1, -1, -1}}
	for i := range w.found {
		m := &w.found[i]
		if m.clause != f.at {
			continue
		}
		switch m.kind {
		case matchAspect:
			if f.lack < 0 && w.lacks(m) {
				f.lack = int32(i)
			}
		case matchEvaluation:
			if !w.voided(m) && !w.unreal(m) {
				w.evaluation(&f, i)
			}
		case matchProcedure:
			p := &w.lex.procedures[m.index]
			if !m.neg && !w.told(m, cl) && (f.order < 0 || p.firm && !f.firm) {
				f.order, f.firm = int32(i), p.firm
			}
		case matchRule:
			w.ruleFact(&f, i)
		case matchConcept: // they stand apart, in work.meant
		}
	}
	return f
}

// told reports an order that is only told of: 申請してから三か月.
func (w *work) told(m *match, cl *voc.Clause) bool {
	i := int(m.to)
	if cl.Modality&(voc.Wish|voc.Request|voc.Question) != 0 || i+1 >= len(w.rec.Tokens) || w.rec.Tokens[i].Base != "する" {
		return false
	}
	switch w.rec.Tokens[i+1].Base {
	case "て", "た", "ます":
		return w.role != voc.NoteText
	}
	return w.rec.Tokens[i].Inflection == voc.Continuative && w.rec.Tokens[i+1].POS != voc.Period
}

// lacks reports a thing that one misses where it is said not to be there: no
// toilet, no stock, no explanation; not no fee and no danger.
func (w *work) lacks(m *match) bool {
	if !m.neg || w.voided(m) || w.unreal(m) {
		return false
	}
	switch voc.Aspects()[w.lex.aspects[m.index].aspect] {
	case voc.Facility, voc.Assortment, voc.Explanation:
	default:
		return false
	}
	if int(m.to) < len(w.rec.Tokens) {
		switch w.rec.Tokens[m.to].Base {
		case "だ", "で", "じゃ", "では", "と":
			return false
		}
	}
	return true
}

// evaluation adds match i to the clause's polarity.
func (w *work) evaluation(f *facts, i int) {
	p := int(w.polarityOf(&w.found[i]))
	switch {
	case p < 0:
		f.bad += p
		if f.worst < 0 || p <= int(w.polarityOf(&w.found[f.worst])) {
			f.worst = int32(i)
		}
	case p > 0:
		f.good += p
		if f.best < 0 || p >= int(w.polarityOf(&w.found[f.best])) {
			f.best = int32(i)
		}
	}
}

// polarityOf is that of an evaluation or an untyped expression where it stands.
func (w *work) polarityOf(m *match) int8 {
	if m.kind == matchRule {
		return w.lex.rules[m.index].polarity
	}
	e := &w.lex.evaluations[m.index]
	if m.neg {
		return e.negated
	}
	if e.polarity > 0 && w.tooMuch(m) {
		return -1
	}
	if len(e.beside) > 0 {
		if a, ok := w.nearest(m); ok {
			for _, b := range e.beside {
				if b.aspect == a {
					return b.polarity
				}
			}
		}
	}
	return e.polarity
}

// tooMuch reports 速すぎる.
func (w *work) tooMuch(m *match) bool {
	if int(m.to) >= len(w.rec.Tokens) {
		return false
	}
	b := w.rec.Tokens[m.to].Base
	return b == "すぎる" || b == "過ぎる"
}

// unreal reports what is only supposed: followed by ても, ば, たら, かも, or made
// a noun of measure by さ.
func (w *work) unreal(m *match) bool {
	ts := w.rec.Tokens
	for i := int(m.to); i < len(ts) && i < int(m.to)+4; i++ {
		t := &ts[i]
		switch t.Base {
		case "ても", "でも", "かも", "ば", "なら", "たって":
			return true
		case "する":
			return i == int(m.to) && ts[i-1].POS == voc.Adjective
		case "そう":
			return t.POS != voc.Adverb
		case "なる":
			continue
		case "も":
			return i > int(m.to) && (ts[i-1].Base == "て" || ts[i-1].Base == "で")
		case "さ", "み":
			return i == int(m.to) && t.POS == voc.NounSuffix
		}
		if t.Inflection == voc.Hypothetical {
			return true
		}
		if t.POS != voc.Auxiliary && t.POS != voc.VerbDependent && t.POS != voc.VerbSuffix && t.POS != voc.ParticleConj {
			return false
		}
	}
	return false
}

// nearest is the aspect of the term that stands closest before m, else after.
func (w *work) nearest(m *match) (int8, bool) {
	after := int8(-1)
	before := int8(-1)
	for i := range w.found {
		x := &w.found[i]
		if x.kind != matchAspect {
			continue
		}
		if x.to <= m.from {
			before = w.lex.aspects[x.index].aspect
		} else if x.from >= m.to && after < 0 {
			after = w.lex.aspects[x.index].aspect
		}
	}
	if before >= 0 {
		return before, true
	}
	return after, after >= 0
}

// voided reports whether an expression of type void covers m.
func (w *work) voided(m *match) bool {
	for i := range w.found {
		x := &w.found[i]
		if x.kind == matchRule && w.lex.rules[x.index].void && x.from <= m.from && m.to <= x.to {
			return true
		}
	}
	return false
}

// means reports whether an expression with a type is said in earnest: not
// supposed, not asked, not the reason for what a chat is about.
func (w *work) means(u *rule, m *match, cl *voc.Clause) bool {
	if u.typ == voc.Expectation || u.typ == voc.Inquiry {
		return true
	}
	return !w.unreal(m) && !w.plainQuestion(cl) && !w.voided(m)
}

// plainQuestion reports 〜ますか, 〜ですか without の or ん before it.
func (w *work) plainQuestion(cl *voc.Clause) bool {
	if !cl.Modality.Has(voc.Question) {
		return false
	}
	for i := cl.ToToken - 1; i > cl.FromToken && i > cl.ToToken-5; i-- {
		if w.rec.Tokens[i].Base != "か" {
			continue
		}
		switch t := &w.rec.Tokens[i-1]; t.Base {
		case "ます":
			return true
		case "です", "う":
			return i < 2 || w.rec.Tokens[i-2].Base != "の" && w.rec.Tokens[i-2].Base != "ん"
		case "ん":
			return w.rec.Tokens[i-2].Base == "ます"
		}
	}
	return false
}

// turned reports rules that a negation makes untrue.
func (u *rule) turned() bool {
	return u.kind == riskRule || u.typ == voc.Complaint || u.typ == voc.Praise || u.kind == expressionRule && u.polarity != 0 ||
		u.kind == cueRule && (u.cue == cueComplaint || u.cue == cuePraise)
}

func (w *work) ruleFact(f *facts, i int) {
	m := &w.found[i]
	u := &w.lex.rules[m.index]
	if u.kind == riskRule || m.neg && u.turned() || !u.when.holds(f.cl.Modality, w.rec.Channel, w.role) {
		return
	}
	if u.kind == expressionRule {
		switch {
		case u.void:
			f.void = true
		case u.typ != "":
			if w.means(u, m, f.cl) {
				f.typed++
			}
		case u.polarity != 0 && !w.voided(m):
			w.evaluation(f, i)
		}
		return
	}
	switch u.cue {
	case cueComplaint, cueExpectation, cuePraise, cueInquiry:
		k := int(u.cue - cueComplaint)
		f.weight[k] += u.conf
		if f.cue[k] < 0 || u.conf > w.lex.rules[w.found[f.cue[k]].index].conf {
			f.cue[k] = int32(i)
		}
	case cueLabel:
		f.label = true
	case cueOperator:
		f.operator = f.operator || w.closes(f.cl, m) && !w.ordered(m)
	case cueWish:
		f.mod |= voc.Wish
	case cueOwn:
		f.own = true
	case cueImprove:
		f.improve = true
	case cueAsk:
		f.ask = true
	case cueIntense:
		f.intense = true
	case cueSoft:
		f.soft = true
	default:
	}
}

// ordered reports whether m is part of an order: 確認 in 在庫確認.
func (w *work) ordered(m *match) bool {
	for i := range w.found {
		x := &w.found[i]
		if x.kind == matchProcedure && x.from < m.from && m.to <= x.to {
			return true
		}
	}
	return false
}

// closes reports whether m ends its clause but for function words.
func (w *work) closes(cl *voc.Clause, m *match) bool {
	for i := int(m.to); i < cl.ToToken; i++ {
		t := &w.rec.Tokens[i]
		switch {
		case t.POS == voc.Auxiliary, t.POS == voc.Period, t.POS == voc.Comma, t.POS == voc.VerbDependent, t.POS == voc.NounSuffix,
			t.POS == voc.ParticleConj, t.POS == voc.ParticleFinal, t.POS == voc.Symbol, t.POS == voc.BracketClose, t.POS == voc.BracketOpen, t.Base == "する", t.Base == "いたす", t.Base == "予定", t.Base == "済み", t.Base == "済",
			t.POS == voc.ParticleCase && t.Base != "と":
		default:
			return false
		}
		if negative(t) {
			return false
		}
	}
	return true
}
