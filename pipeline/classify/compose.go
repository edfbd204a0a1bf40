package classify

import (
	"slices"

	"github.com/koe-voc/koe/pipeline/voc"
)

const (
	sureEnough = .5 // a voice below it is unclassified
	enough     = 1  // weight of cues that makes a voice
)

// clause decides by rules what a clause of the sentence says.
func (w *work) clause(s *voc.Sentence, clauses []voc.Clause, f facts) {
	k := int(f.at)
	if w.role == voc.NoteText && (f.operator || f.mod.Has(voc.OperatorAction)) && (!f.label || !w.first) {
		return
	}
	if f.at <= w.whole.concede {
		return
	}
	setting := w.reason(&f, clauses, k)
	if f.typed > 0 && !w.quotes(clauses, k) && (!setting || w.rec.Channel != voc.ChannelChat || f.mod&(voc.Past|voc.Negated|voc.Unable) != 0) {
		w.expressions(&f)
	}
	if f.void && f.bad == 0 && f.good == 0 {
		return
	}
	if f.mod.Has(voc.Rhetorical) && w.plainQuestion(f.cl) {
		f.mod &^= voc.Rhetorical
	}
	asks := f.mod.Has(voc.Question) && !f.mod.Has(voc.Rhetorical)
	if w.quotes(clauses, k) || w.whole.void && f.order < 0 && !f.ask && !w.named(&f) && f.bad == 0 {
		return
	}
	if f.mod&(voc.Wish|voc.Past|voc.Request) == voc.Wish|voc.Past && f.weight[expectation] < enough || w.ownWish(&f) {
		f.mod &^= voc.Wish
	}
	if f.at < w.asksAt && f.mod.Has(voc.Wish) && !f.firm && w.wants(&f) {
		return
	}
	wishes := f.mod&(voc.Wish|voc.Request|voc.Suggestion|voc.Counterfactual) != 0 || f.weight[expectation] >= enough
	switch {
	case f.typed > 0:
	case f.ask && w.desk():
		w.emit(&f, voc.Inquiry, f.order, .7)
	case w.hopes(&f, clauses, k):
		w.emit(&f, voc.Expectation, f.best, .65)
	case wishes:
		w.wish(&f)
	case f.mod.Has(voc.Rhetorical) || f.weight[complaint] >= 2*enough:
		w.emit(&f, voc.Complaint, pick(f.worst, f.cue[complaint]), .7)
	case asks:
		w.asksFor(&f)
	case w.whole.label != "" && f.label:
		w.labelled(s, &f)
	case setting:
	case f.bad+f.good < 0 || f.bad <= -2:
		w.evaluated(&f, voc.Complaint, f.worst)
	case f.lack >= 0 && !f.mod.Has(voc.Condition) && w.rec.Channel != voc.ChannelChat:
		w.emit(&f, voc.Complaint, f.lack, .65)
	case f.good > 0:
		w.evaluated(&f, voc.Praise, f.best)
	default:
		w.faint(&f)
	}
}

// inquired reports that the record has asked for something already.
func (w *work) inquired() bool {
	return slices.ContainsFunc(w.voices, func(c candidate) bool { return c.Type == voc.Inquiry && c.Confidence >= sureEnough })
}

// onegai reports 〜をお願いします, the form of an order.
func (w *work) onegai(f *facts) bool {
	for i := f.cl.FromToken; i < f.cl.ToToken; i++ {
		switch w.rec.Tokens[i].Base {
		case "お願い", "願う", "願い":
			return true
		}
	}
	return false
}

// ownWish reports what the customer wants to do, not what the company should:
// また来たい. Where a desk listens it is an order all the same.
func (w *work) ownWish(f *facts) bool {
	return f.mod.Has(voc.Wish) && f.order < 0 && !f.ask && !w.desk() && w.wants(f)
}

// wants reports たい after a verb of the customer's own.
func (w *work) wants(f *facts) bool {
	for i := f.cl.FromToken + 1; i < f.cl.ToToken; i++ {
		if t := &w.rec.Tokens[i]; t.Base == "たい" {
			switch w.rec.Tokens[i-1].Base {
			case "もらう", "いただく", "頂く", "くださる", "下さる":
				return false
			}
			return true
		}
	}
	return false
}

// desk reports a channel in which somebody can act at once.
func (w *work) desk() bool {
	return w.rec.Channel == voc.ChannelChat || w.rec.Channel == voc.ChannelCall || w.rec.Channel == voc.ChannelVideo
}

// fewTokens is a turn of one word with its particle and sign.
const fewTokens = 4

// alone reports an order that is all that a turn says.
func (w *work) alone(f *facts) bool {
	return f.cl.ToToken-f.cl.FromToken <= fewTokens && w.closes(f.cl, &w.found[f.order])
}

// reacts reports a short turn that judges without naming a thing: よかった!
func (w *work) reacts(f *facts) bool {
	return w.role == voc.CustomerTurn && f.cl.ToToken-f.cl.FromToken <= fewTokens+2 && !w.named(f)
}

// quotes reports what others say: by a cue, or as an order that the next clause
// judges (見せろとしつこい).
func (w *work) quotes(clauses []voc.Clause, k int) bool {
	if w.whole.others {
		return true
	}
	if k+1 >= len(clauses) || !clauses[k].Modality.Has(voc.Request) || w.rec.Tokens[clauses[k].ToToken-1].Base != "と" {
		return false
	}
	next := w.facts(clauses, k+1)
	return next.bad < 0 || next.typed > 0
}

// named reports whether the clause names anything that a voice can be about.
func (w *work) named(f *facts) bool {
	for i := range w.found {
		m := &w.found[i]
		if m.kind == matchAspect && int(m.from) >= f.cl.FromToken && int(m.to) <= f.cl.ToToken {
			return true
		}
	}
	return false
}

// heads reports an order as notes have it: 予約変更。 or 予約変更の件、….
func (w *work) heads(f *facts) bool {
	m := &w.found[f.order]
	if f.mod&(voc.Past|voc.Negated|voc.Adversative) != 0 {
		return false
	}
	if w.closes(f.cl, m) {
		return true
	}
	for i := int(m.to); i < f.cl.ToToken && i < int(m.to)+4; i++ {
		switch w.rec.Tokens[i].Base {
		case "件", "希望", "旨", "依頼", "為", "ため", "について":
			return true
		}
	}
	return false
}

func pick(a, b int32) int32 {
	if a >= 0 {
		return a
	}
	return b
}

// hopes reports a positive evaluation of what is not so yet: 〜があると助かる.
func (w *work) hopes(f *facts, clauses []voc.Clause, k int) bool {
	if f.best < 0 || f.mod.Has(voc.Past) || f.bad < 0 {
		return false
	}
	if f.mod&(voc.Suggestion|voc.Counterfactual) != 0 {
		return true
	}
	return k > 0 && clauses[k-1].Modality.Has(voc.Condition)
}

// expressions emits the rules that name a type, the surest of each type: what
// the clause is about is decided by all of them and the words around.
func (w *work) expressions(f *facts) {
	for _, t := range voc.Types() {
		best := int32(-1)
		for i := range w.found {
			m := &w.found[i]
			if !w.typed(f, m) || w.lex.rules[m.index].typ != t {
				continue
			}
			if best < 0 || w.surer(m, &w.found[best]) {
				best = int32(i)
			}
		}
		if best >= 0 && (len(w.aspectsOf(best)) > 0 || t == voc.Inquiry || !w.reacts(f)) {
			w.emit(f, t, best, w.lex.rules[w.found[best].index].conf)
		}
	}
}

// typed reports whether m is an expression with a type that holds in f.
func (w *work) typed(f *facts, m *match) bool {
	if m.kind != matchRule || m.clause != f.at {
		return false
	}
	u := &w.lex.rules[m.index]
	return u.kind == expressionRule && u.typ != "" && (!m.neg || !u.turned()) && w.means(u, m, f.cl) &&
		u.when.holds(f.cl.Modality, w.rec.Channel, w.role)
}

// surer prefers rules that name an aspect, then the confident, then the long.
func (w *work) surer(a, b *match) bool {
	x, y := &w.lex.rules[a.index], &w.lex.rules[b.index]
	if (len(x.aspects) > 0) != (len(y.aspects) > 0) {
		return len(x.aspects) > 0
	}
	if x.conf != y.conf {
		return x.conf > y.conf
	}
	return a.to-a.from > b.to-b.from
}

// wish parts a routine order and a question for information from what the
// customer wants to be so.
func (w *work) wish(f *facts) {
	service := w.desk()
	improves := f.improve || w.whole.improve
	switch {
	case f.ask:
		w.emit(f, voc.Inquiry, -1, .7)
	case f.firm && !improves, f.order >= 0 && service && !improves && f.bad == 0:
		w.emit(f, voc.Inquiry, f.order, .75)
	case f.mod.Has(voc.Wish) && !f.mod.Has(voc.Request) && f.good > 0 && !improves && !service:
		w.evaluated(f, voc.Praise, f.best)
	case f.order >= 0 && !improves:
		w.emit(f, voc.Inquiry, f.order, .6)
	case (w.rec.Channel == voc.ChannelChat || w.inquired()) && f.mod&(voc.Wish|voc.Request) == voc.Request && !improves && f.bad == 0 && w.onegai(f):
		w.emit(f, voc.Inquiry, -1, .6)
	case service && !improves && f.bad == 0 && w.wants(f):
		w.emit(f, voc.Inquiry, -1, .6)
	default:
		w.emit(f, voc.Expectation, pick(f.cue[expectation], pick(f.worst, f.best)), .7)
	}
}

// asksFor parts a plain question from a wish in the form of one (〜できないか)
// and from a reproach (なぜ〜ないのか).
func (w *work) asksFor(f *facts) {
	switch {
	case f.weight[complaint] >= enough:
		w.emit(f, voc.Complaint, pick(f.cue[complaint], f.worst), .65)
	case f.weight[expectation] > 0 && f.order < 0:
		w.emit(f, voc.Expectation, f.cue[expectation], .65)
	case !w.desk() && !f.ask && (w.exclaims() || !w.endsAsking(f.cl)):
	default:
		w.emit(f, voc.Inquiry, pick(f.order, f.cue[inquiry]), .7)
	}
}

// exclaims reports channels in which a question is seldom put to the company.
func (w *work) exclaims() bool {
	return w.rec.Channel == voc.ChannelSNS || w.rec.Channel == voc.ChannelSurvey
}

// endsAsking reports a clause that closes with か or a question mark.
func (w *work) endsAsking(cl *voc.Clause) bool {
	for i := cl.ToToken - 1; i >= cl.FromToken; i-- {
		t := &w.rec.Tokens[i]
		if t.Base == "?" || t.Base == "か" || t.Base == "かな" || t.Base == "かしら" {
			return true
		}
		if t.POS != voc.Period && t.POS != voc.BracketClose && t.POS != voc.ParticleFinal {
			return false
		}
	}
	return false
}

// labelled takes the type that the operator names (〜とのご指摘).
func (w *work) labelled(s *voc.Sentence, f *facts) {
	for i := range w.voices {
		if v := &w.voices[i]; s.Span.Contains(v.Evidence) && v.Type == w.whole.label && v.Confidence >= sureEnough {
			return
		}
	}
	w.emit(f, w.whole.label, pick(f.order, pick(f.worst, f.best)), .7)
}

// reason reports a clause that gives the reason or the setting for a wish or a
// question that follows: it is a voice only where an expression or a named
// thing says what is wrong.
func (w *work) reason(f *facts, clauses []voc.Clause, k int) bool {
	const asks = voc.Wish | voc.Request | voc.Suggestion | voc.Question
	for i := k + 1; i < len(clauses); i++ {
		if clauses[i].Modality&asks == 0 {
			continue
		}
		last := &w.rec.Tokens[f.cl.ToToken-1]
		return last.POS != voc.Period && (!w.named(f) || last.POS != voc.ParticleConj && last.POS != voc.Comma)
	}
	return false
}

func (w *work) evaluated(f *facts, t voc.Type, by int32) {
	if f.mod.Has(voc.Condition) && !f.mod.Has(voc.Past) {
		return
	}
	told := f.mod.Has(voc.Hearsay) && !f.mod.Has(voc.Quoted)
	if w.reacts(f) && by >= 0 && len(w.aspectsOf(by)) == 0 {
		return
	}
	if (w.whole.void || told) && t == voc.Praise || f.own && t == voc.Complaint {
		return
	}
	w.emit(f, t, by, .75)
}

// aspectsOf are those that the entry of match by names itself.
func (w *work) aspectsOf(by int32) []weighted {
	switch m := &w.found[by]; m.kind {
	case matchEvaluation:
		return w.lex.evaluations[m.index].aspects
	case matchRule:
		return w.lex.rules[m.index].aspects
	default:
		return nil
	}
}

// faint is for clauses without an evaluation: an order in a note, or cues.
func (w *work) faint(f *facts) {
	if f.order >= 0 && f.weight[complaint] < enough && !f.mod.Has(voc.Condition) {
		if w.role == voc.NoteText && (w.heads(f) || f.firm && w.first && f.mod&voc.Negated == 0) || w.role == voc.CustomerTurn && w.alone(f) || f.weight[inquiry] > 0 {
			w.emit(f, voc.Inquiry, f.order, .65)
			return
		}
	}
	if w.askedFor != "" && w.role == voc.PartAnswer && w.named(f) && !w.whole.void {
		conf := float32(.6)
		if f.cl.ToToken-f.cl.FromToken <= fewTokens {
			conf = explicit // 「不便な点」→「トイレ」: question and answer are one statement
		}
		w.emit(f, w.askedFor, -1, conf)
		if n := len(w.voices); n > 0 {
			w.voices[n-1].Rule = w.lex.rules[w.askedBy].id
		}
		return
	}
	at, most := -1, float32(0)
	for k, x := range f.weight {
		if x > most {
			at, most = k, x
		}
	}
	if at < 0 || f.own || w.whole.void || f.mod.Has(voc.Condition) {
		return
	}
	conf := .3 + .2*most
	if f.mod.Has(voc.Report) {
		conf += .1
	}
	if conf > .7 {
		conf = .7
	}
	w.emit(f, voc.Types()[at], f.cue[at], conf)
}
