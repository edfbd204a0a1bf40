package chunk

import "github.com/koe-voc/koe/pipeline/voc"

// join sets the links of the bunsetsu [from, to) of one sentence, from the last
// to the first. A bunsetsu depends on a later one, and no two dependencies
// cross: what it can depend on is the next one, what that depends on, and so on.
func (w *work) join(from, to int) {
	for b := to - 2; b >= from; b-- {
		w.r.Bunsetsu[b].Link = w.choose(b)
	}
}

func (w *work) choose(b int) int {
	p := &w.phrases[b]
	next := b + 1
	switch p.rel {
	case toNominal:
		return w.chooseNominal(b)
	case clauseLink:
		sub := w.subordinate(b)
		return w.seek(next, func(c int) bool { return w.main(c) && (sub || !w.subordinate(c)) })
	case closed:
		return w.seek(next, func(c int) bool { return w.main(c) })
	case sequel:
		if p.comma {
			return w.seek(next, func(c int) bool { return w.main(c) || w.phrases[c].predicate && w.phrases[c].rel == sequel })
		}
		return w.seek(next, func(c int) bool { return w.phrases[c].predicate || w.last(c) })
	case topic:
		return w.chooseTopic(b)
	case wholeSentence:
		if w.joinsNouns(b) {
			return next
		}
		return w.seek(next, func(c int) bool { return w.main(c) && !w.subordinate(c) })
	case parallel:
		return w.chooseParallel(b)
	case bare:
		return w.chooseBare(b)
	case quote:
		return w.seek(next, func(c int) bool { return w.phrases[c].predicate || w.last(c) })
	default:
		return w.chooseArgument(b)
	}
}

// lastBase returns the base form of the last word of bunsetsu b, empty if it
// holds signs only.
func (w *work) lastBase(b int) string {
	if i := w.phrases[b].last; i >= 0 {
		return w.r.Tokens[i].Base
	}
	return ""
}

// seek returns the first bunsetsu of the chain from c that is wanted, the last
// of the chain if none is.
func (w *work) seek(c int, wanted func(int) bool) int {
	for !wanted(c) && w.r.Bunsetsu[c].Link >= 0 {
		c = w.r.Bunsetsu[c].Link
	}
	return c
}

func (w *work) last(c int) bool { return w.r.Bunsetsu[c].Link < 0 }

// main reports a predicate that is not part of a noun phrase.
func (w *work) main(c int) bool {
	p := &w.phrases[c]
	return w.last(c) || p.predicate && p.rel != toNominal
}

// subordinate reports a predicate that only gives reason or condition for the
// one that follows.
func (w *work) subordinate(c int) bool {
	if w.phrases[c].rel != clauseLink {
		return false
	}
	switch w.lastBase(c) {
	case "が", "けど", "けれど", "けれども", "けども", "し", "ものの", "のに":
		return false
	default:
		return true
	}
}

// joinsNouns reports a conjunction between two nouns.
func (w *work) joinsNouns(b int) bool {
	switch w.lastBase(b) {
	case "及び", "および", "または", "又は", "もしくは", "若しくは", "あるいは", "或いは", "並びに", "ならびに":
		return w.phrases[b+1].nominal
	default:
		return false
	}
}

// circumstance reports a noun that tells when or under what condition and needs
// no particle: a time, a date, とき, ため, 場合.
func (w *work) circumstance(b int) bool {
	h := w.r.Bunsetsu[b].Head
	if h < 0 {
		return false
	}
	if w.kinds[h]&adverbial != 0 {
		return true
	}
	switch w.r.Tokens[h].POS {
	case voc.NounAdverbial, voc.NounDependent:
		return true
	case voc.NounNumber, voc.NounCounter:
		return w.phrases[b].comma
	default:
		return false
	}
}

func (w *work) chooseNominal(b int) int {
	next := b + 1
	c := w.seek(next, func(c int) bool { return w.phrases[c].nominal })
	if !w.phrases[c].nominal {
		return next
	}
	return c
}

func (w *work) chooseArgument(b int) int {
	p := &w.phrases[b]
	next := b + 1
	if p.comma && p.particle != "" {
		return w.seek(next, func(c int) bool { return w.main(c) })
	}
	return w.seek(next, func(c int) bool {
		q := &w.phrases[c]
		if q.quality && q.rel == toNominal && w.passesQuality(p) && c > next {
			return w.last(c)
		}
		if q.quality && q.rel == toPredicate && p.particle != "" {
			return w.last(c) // 広く: an adverb
		}
		return q.predicate || w.last(c) || p.particle == "と" && w.lastBase(c) == "同じ"
	})
}

// passesQuality reports arguments that an adjective which qualifies a noun
// hardly takes.
func (w *work) passesQuality(p *phrase) bool {
	switch p.particle {
	case "が", "の", "も", "は", "より":
		return false
	default:
		return true
	}
}

// chooseTopic lets は reach over て and relative clauses to the predicate that
// closes the clause, but not to where something else is spoken of. も reaches no
// further than a case does.
func (w *work) chooseTopic(b int) int {
	p := &w.phrases[b]
	if w.lastBase(b) == "も" {
		return w.chooseArgument(b)
	}
	return w.seek(b+1, func(c int) bool {
		q := &w.phrases[c]
		switch {
		case w.last(c):
			return true
		case !q.predicate:
			return false
		case q.rel == sequel:
			return w.newSubject(c+1, w.r.Bunsetsu[c].Link+1)
		}
		return !p.comma && (q.rel == clauseLink || q.rel == closed || q.rel == quote)
	})
}

func (w *work) chooseParallel(b int) int {
	next := b + 1
	if w.phrases[next].nominal {
		return next
	}
	return w.chooseArgument(b)
}

func (w *work) chooseBare(b int) int {
	p, next := &w.phrases[b], b+1
	if w.circumstance(b) {
		if p.comma {
			return w.seek(next, func(c int) bool { return w.main(c) && !w.subordinate(c) })
		}
		return w.chooseArgument(b)
	}
	if p.comma && w.phrases[next].nominal {
		return next
	}
	if w.phrases[next].nominal && w.phrases[next].rel != bare {
		return next
	}
	return w.chooseArgument(b)
}
