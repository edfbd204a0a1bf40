package classify

import (
	"slices"
	"unicode/utf8"

	"github.com/koe-voc/koe/pipeline/model"
	"github.com/koe-voc/koe/pipeline/voc"
)

// kind is what a feature says of a clause. A new kind goes at the end: the
// numbers are part of every stored model.
type kind uint32

const (
	kindRole kind = iota + 1
	kindChannel
	kindWord
	kindNegated // word that is negated
	kindEnd     // the last word, the last two, the last three
	kindEnd2
	kindEnd3
	kindSign // how the clause closes
	kindFunction
	kindModality
	kindLetters // two letters of the text
	kindConcept
	kindNoConcept // negated
	kindCounter   // counter after a number
	kindLength
	kindPlace // first or last of its segment, how many clauses there are

	kindTerm    // aspect of a term of the dictionary in the clause
	kindSub     // its sub-aspect
	kindPolar   // polarity of an evaluation
	kindPolarOn // with the aspect that it speaks of itself
	kindOrder
	kindRule
	kindRuleOn
	kindCue
	kindRisk
	kindFarTerm // the same elsewhere in the sentence
	kindFarSub
	kindFarPolar
	kindFarPolarOn
	kindFarOrder
	kindFarRule
	kindFarRuleOn
	kindFarCue

	kindVoice       // type of a voice that the rules find
	kindVoiceOn     // with its aspect
	kindVoiceAspect // its aspect alone
	kindVoiceSure   // with its confidence in fifths
	kindVoiceless
	kindGeneric

	kindBeforeConcept
	kindBeforeModality
	kindBeforeVoice
	kindAfterConcept
	kindAfterModality
	kindAfterVoice
	kindRecordWord
	kindRecordConcept
	kindRecordType
	kindRecordAspect
	kindQuestionWord

	kindType // of the voice whose attributes are asked for
	kindAspect
	kindTypeAspect
)

// fact is a feature before it is hashed: what explain shows.
type fact struct {
	kind kind
	a, b uint32
}

func (f fact) feature() model.Feature {
	if f.b == 0 {
		return model.With(uint32(f.kind), f.a)
	}
	return model.Pair(uint32(f.kind), f.a, f.b)
}

// bag gathers facts. One that is in it twice counts once.
type bag []fact

func (b *bag) add(k kind, x uint32) { *b = append(*b, fact{kind: k, a: x}) }

func (b *bag) put(f fact) { *b = append(*b, f) }

// unit is a clause that may hold voices, with what the model needs of it.
type unit struct {
	state    int32 // of its sentence, in work.states
	segment  int32
	local    [2]int32 // facts of the clause in work.local
	own      int32    // the first of them that speaks of the words, not of the channel
	rows     [2]int32 // what the models know of it, in scores.rows
	words    [2]int32 // its content words in work.contents
	concepts [2]int32 // its concepts in work.named
	asked    [2]int32 // content words of the form's question in work.contents
	modality voc.Modality
	types    uint8 // types of the rules' voices, a bit each
	rules    facts
}

// content is a content word by its hash.
type content struct {
	word    uint32
	negated bool
}

// contentWord reports tokens that bear meaning for a model: those of
// POS.IsContent and the parts of compounds.
func contentWord(p voc.POS) bool {
	switch p {
	case voc.NounCounter, voc.NounSuffix, voc.VerbDependent, voc.VerbSuffix, voc.AdjDependent:
		return true
	case voc.NounNumber:
		return false
	default:
		return p.IsContent()
	}
}

// gather appends the unit of clause k of the sentence with its local facts.
func (w *work) gather(clauses []voc.Clause, k int, rules facts, firstVoice int) {
	c := &clauses[k]
	u := unit{state: int32(len(w.states)), segment: int32(w.segment), modality: c.Modality, rules: rules, asked: w.question}
	u.words[0] = int32(len(w.contents))
	w.content(c.FromToken, c.ToToken)
	u.words[1] = int32(len(w.contents))
	u.concepts[0] = int32(len(w.concepts))
	for i := range w.meant {
		if m := &w.meant[i]; int(m.from) >= c.FromToken && int(m.to) <= c.ToToken {
			w.concepts = append(w.concepts, content{uint32(m.index) + 1, m.neg})
		}
	}
	u.concepts[1] = int32(len(w.concepts))
	b := &w.local
	u.local[0] = int32(len(*b))
	b.add(kindRole, model.Hash(string(w.role)))
	b.add(kindChannel, model.Hash(string(w.rec.Channel)))
	u.own = int32(len(*b))
	w.wordFacts(b, c, &u)
	w.letterFacts(b, c)
	w.matchFacts(b, c)
	w.voiceFacts(b, &u, firstVoice)
	u.local[1] = int32(len(*b))
	w.units = append(w.units, u)
}

// content appends the content words of tokens [from, to).
func (w *work) content(from, to int) {
	for i := from; i < to; i++ {
		t := &w.rec.Tokens[i]
		if !contentWord(t.POS) {
			continue
		}
		neg := false
		if n := i - int(w.scan.base0); n >= 0 && n < len(w.scan.neg) {
			neg = w.scan.neg[n]
		}
		w.contents = append(w.contents, content{model.Hash(t.Base), neg})
	}
}

func (w *work) wordFacts(b *bag, c *voc.Clause, u *unit) {
	ws := w.contents[u.words[0]:u.words[1]]
	for _, x := range ws {
		if x.negated {
			b.add(kindNegated, x.word)
		} else {
			b.add(kindWord, x.word)
		}
	}
	for _, x := range w.concepts[u.concepts[0]:u.concepts[1]] {
		b.add(kindConcept, x.word)
		if x.negated {
			b.add(kindNoConcept, x.word)
		}
	}
	ts := w.rec.Tokens
	for i := c.FromToken; i < c.ToToken; i++ {
		t := &ts[i]
		switch {
		case t.POS.IsParticle() || t.POS == voc.Auxiliary:
			b.add(kindFunction, model.Hash(t.Base))
		case t.POS == voc.Symbol || t.POS == voc.Period:
			b.add(kindSign, model.Hash(t.Base))
		}
		if i > c.FromToken && ts[i-1].POS == voc.NounNumber {
			b.add(kindCounter, model.Hash(t.Base))
		}
	}
	w.endFacts(b, c)
	for bit := range 20 {
		if c.Modality>>bit&1 != 0 {
			b.add(kindModality, uint32(bit)+1)
		}
	}
	b.add(kindLength, uint32(min(6, (c.ToToken-c.FromToken)/3))+1)
}

// endFacts are the last words of a clause, in which Japanese says how it is
// meant.
func (w *work) endFacts(b *bag, c *voc.Clause) {
	var last [3]uint32
	n := 0
	for i := c.ToToken - 1; i >= c.FromToken && n < len(last); i-- {
		t := &w.rec.Tokens[i]
		switch t.POS {
		case voc.Comma, voc.Period, voc.BracketClose, voc.BracketOpen:
			continue
		default:
		}
		last[n] = model.Hash(t.Base)
		n++
	}
	if n > 0 {
		b.add(kindEnd, last[0])
	}
	if n > 1 {
		b.put(fact{kindEnd2, last[1], last[0]})
	}
	if n > 2 {
		b.put(fact{kindEnd3, last[2], last[1]*31 + last[0]})
	}
}

// letterFacts are the pairs of letters of the clause as it stands, digits made
// equal: what words that no dictionary holds have in common.
func (w *work) letterFacts(b *bag, c *voc.Clause) {
	if c.FromToken >= c.ToToken {
		return
	}
	text := w.rec.Text[w.rec.Tokens[c.FromToken].Span.From:w.rec.Tokens[c.ToToken-1].Span.To]
	var q rune
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		switch {
		case r == ' ' || r == '\n' || r == '\t' || r == '　':
			continue
		case r >= '0' && r <= '9' || r >= '０' && r <= '９':
			if q == '0' {
				continue
			}
			r = '0'
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		}
		if q != 0 {
			b.put(fact{kindLetters, uint32(q), uint32(r)})
		}
		q = r
	}
}

// matchFacts are what the dictionary found in the clause, and apart from it in
// the rest of its sentence.
func (w *work) matchFacts(b *bag, c *voc.Clause) {
	for i := range w.found {
		m := &w.found[i]
		far := kind(0)
		if int(m.from) < c.FromToken || int(m.to) > c.ToToken {
			far = kindFarTerm - kindTerm
		}
		neg := uint32(0)
		if m.neg {
			neg = 64
		}
		switch m.kind {
		case matchAspect:
			a := &w.lex.aspects[m.index]
			b.add(kindTerm+far, uint32(a.aspect)+1)
			if a.sub != "" {
				b.put(fact{kindSub + far, uint32(a.aspect) + 1, model.Hash(a.sub)})
			}
		case matchEvaluation:
			p := uint32(w.polarityOf(m) + 3)
			b.add(kindPolar+far, p)
			for _, a := range w.lex.evaluations[m.index].aspects {
				b.add(kindPolarOn+far, p<<8|uint32(a.aspect)+1)
			}
		case matchProcedure:
			b.add(kindOrder+far, neg|uint32(w.lex.procedures[m.index].aspect)+1)
		case matchRule:
			w.ruleFacts(b, m, far, neg)
		case matchConcept: // they stand apart, in work.meant
		}
	}
}

func (w *work) ruleFacts(b *bag, m *match, far kind, neg uint32) {
	u := &w.lex.rules[m.index]
	switch u.kind {
	case expressionRule:
		t := uint32(typeIndex(u.typ)) + 2
		if u.void {
			t = 9
		}
		b.add(kindRule+far, neg|t)
		for _, a := range u.aspects {
			b.add(kindRuleOn+far, t<<8|uint32(a.aspect)+1)
		}
	case cueRule:
		b.put(fact{kindCue + far, uint32(u.cue) + 1, model.Hash(u.value)})
	case riskRule:
		if far == 0 && !m.neg {
			b.add(kindRisk, model.Hash(u.value))
		}
	}
}

// voiceFacts are the voices that the rules find in the clause.
func (w *work) voiceFacts(b *bag, u *unit, first int) {
	for i := first; i < len(w.voices); i++ {
		v := &w.voices[i]
		t, a := uint32(typeIndex(v.Type))+1, uint32(aspectOf(v.Aspect))+1
		u.types |= 1 << (t - 1)
		b.add(kindVoice, t)
		b.add(kindVoiceOn, t<<8|a)
		b.add(kindVoiceAspect, a)
		b.add(kindVoiceSure, t<<8|uint32(v.Confidence*5)+1)
		if v.generic {
			b.add(kindGeneric, 1)
		}
	}
	if first == len(w.voices) {
		b.add(kindVoiceless, 1)
	}
}

// typeIndex is the place of t in voc.Types, −1 for none.
func typeIndex(t voc.Type) int {
	switch t {
	case voc.Complaint:
		return complaint
	case voc.Expectation:
		return expectation
	case voc.Praise:
		return praise
	case voc.Inquiry:
		return inquiry
	}
	return -1
}

// aspectOf is the place of a in voc.Aspects.
func aspectOf(a voc.Aspect) int { return slices.Index(voc.Aspects(), a) }
