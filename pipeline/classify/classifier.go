package classify

import (
	"context"
	"fmt"
	"sync"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Classifier labels records. It is immutable and safe for concurrent use.
type Classifier struct {
	lex  *lexicon
	free sync.Pool // of *work
}

// New compiles d's taxonomy.yaml, aspects.tsv, evaluations.tsv,
// procedures.tsv, expressions.tsv, cues.tsv, risks.tsv and concepts.tsv, and
// takes voices.model, record.model and attributes.model, which decide by what
// all of these find. An entry that
// cannot be understood is an error with file, line and id.
func New(d *dict.Set) (*Classifier, error) {
	lex, err := newLexicon(d)
	if err == nil {
		err = lex.addModels(d)
	}
	if err != nil {
		return nil, err
	}
	return classifier(lex), nil
}

// NewRules is New without the model: its voices are those that the rules find.
// A model is trained on what it observes.
func NewRules(d *dict.Set) (*Classifier, error) {
	lex, err := newLexicon(d)
	if err != nil {
		return nil, err
	}
	return classifier(lex), nil
}

func classifier(lex *lexicon) *Classifier {
	return &Classifier{lex: lex, free: sync.Pool{New: func() any { return new(work) }}}
}

// Apply sets r.Voices, r.Risks, r.Signals, r.Mentions and r.Unclassified from
// the sentences, tokens and clauses that morph and chunk have set; a sentence
// without clauses is taken as one clause. Evidence lies in the customer's
// words. It returns ctx's error, or an error if sentences, tokens or clauses
// do not fit the text.
func (c *Classifier) Apply(ctx context.Context, r *voc.Record) error {
	if err := fits(r); err != nil {
		return fmt.Errorf("classify record %s: %w", r.ID, err)
	}
	w := c.free.Get().(*work)
	defer func() {
		w.release()
		c.free.Put(w)
	}()
	if err := w.read(ctx, c.lex, r); err != nil {
		return err
	}
	w.finish()
	return nil
}

// read looks at all sentences of a record.
func (w *work) read(ctx context.Context, lex *lexicon, r *voc.Record) error {
	w.begin(lex, r)
	for i := range r.Sentences {
		if i%64 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		w.sentence(i)
	}
	return nil
}

// fits checks what slicing relies on.
func fits(r *voc.Record) error {
	in := func(s voc.Span, of voc.Span) bool { return s.From <= s.To && of.Contains(s) }
	whole := voc.Span{From: 0, To: len(r.Text)}
	last := 0
	for i := range r.Tokens {
		if s := r.Tokens[i].Span; !in(s, whole) || s.From < last {
			return fmt.Errorf("token %d lies outside the text or out of order", i)
		}
		last = r.Tokens[i].Span.To
	}
	token := 0
	for i := range r.Sentences {
		s := &r.Sentences[i]
		if s.Segment < 0 || s.Segment >= len(r.Segments) || s.FromToken < token || s.ToToken < s.FromToken || s.ToToken > len(r.Tokens) {
			return fmt.Errorf("sentence %d does not fit the tokens or segments", i)
		}
		token = s.ToToken
	}
	for i := range r.Clauses {
		cl := &r.Clauses[i]
		if cl.Sentence < 0 || cl.Sentence >= len(r.Sentences) || !in(cl.Span, whole) {
			return fmt.Errorf("clause %d does not fit the sentences", i)
		}
		s := &r.Sentences[cl.Sentence]
		if cl.FromToken < s.FromToken || cl.ToToken > s.ToToken || cl.ToToken < cl.FromToken {
			return fmt.Errorf("clause %d does not fit its sentence", i)
		}
	}
	return nil
}

// match is an entry of the dictionary found in a sentence.
type match struct {
	kind     matchKind
	index    int32 // into the lexicon's list of that kind
	from, to int32 // tokens
	neg      bool
	clause   int32 // of the sentence, the innermost that its last token is in, −1
}

type matchKind uint8

const (
	matchAspect matchKind = iota
	matchEvaluation
	matchProcedure
	matchRule
	matchConcept
)

// matches turns the scanner's hits into matches of entries.
func (w *work) matches(first int) {
	w.found, w.meant = w.found[:0], w.meant[:0]
	for i := range w.scan.hits {
		h := &w.scan.hits[i]
		m := &w.lex.uses[h.use]
		neg := w.scan.neg[int(h.to)-1-first] && !h.negated
		if m.aspect >= 0 {
			w.longest(match{matchAspect, m.aspect, h.from, h.to, neg, -1})
		}
		if m.evaluation >= 0 && w.fitsPOS(m.evaluation, h) {
			w.longest(match{matchEvaluation, m.evaluation, h.from, h.to, neg, -1})
		}
		if m.procedure >= 0 && !w.compound(h) {
			w.longest(match{matchProcedure, m.procedure, h.from, h.to, neg, -1})
		}
		for _, c := range w.lex.concepts[m.concepts : m.concepts+int32(m.nConcepts)] {
			w.meant = append(w.meant, match{matchConcept, int32(c), h.from, h.to, neg, -1})
		}
		for _, p := range w.lex.begins[m.patterns : m.patterns+int32(m.nPatterns)] {
			if p.next >= 0 && !w.scan.has(w.lex.choices[p.next]) {
				continue
			}
			if to, negated, ok := w.pattern(p.pattern, h); ok {
				w.found = append(w.found, match{matchRule, w.lex.patterns[p.pattern].rule, h.from, to, w.scan.neg[int(to)-1-first] && !negated, -1})
			}
		}
	}
}

// own gives every match to its clause; clauses may lie inside of one another.
func (w *work) own(clauses []voc.Clause) {
	for i := range w.found {
		m := &w.found[i]
		for k := range clauses {
			c := &clauses[k]
			if int(m.to) <= c.FromToken || int(m.to) > c.ToToken {
				continue
			}
			if m.clause < 0 || c.ToToken-c.FromToken < clauses[m.clause].ToToken-clauses[m.clause].FromToken {
				m.clause = int32(k)
			}
		}
	}
}

// compound reports whether the hit goes on as a longer word: 契約 in 契約者.
func (w *work) compound(h *hit) bool {
	if int(h.to) >= len(w.rec.Tokens) {
		return false
	}
	t := &w.rec.Tokens[h.to]
	return t.Span.From == w.rec.Tokens[h.to-1].Span.To && (t.POS == voc.NounSuffix || t.POS == voc.Noun)
}

// maxWord bounds the tokens of a word of the dictionary.
const maxWord = 24

// longest adds m unless a longer match of its kind covers it; hits come by
// place, longer ones first.
func (w *work) longest(m match) {
	for i := len(w.found) - 1; i >= 0; i-- {
		if w.found[i].from+maxWord < m.from {
			break
		}
		if f := &w.found[i]; f.kind == m.kind && f.from <= m.from && m.to <= f.to {
			if f.from == m.from && f.to == m.to && m.kind == matchEvaluation && w.polarityOf(f) == 0 {
				f.index = m.index
			}
			return
		}
	}
	w.found = append(w.found, m)
}

// fitsPOS asks whether the last token is of the class that the entry names, so
// that 通り is not 通る.
func (w *work) fitsPOS(e int32, h *hit) bool {
	t := &w.rec.Tokens[h.to-1]
	switch w.lex.evaluations[e].pos {
	case "verb":
		return t.POS == voc.Verb || t.POS == voc.VerbDependent || t.POS == voc.VerbSuffix
	case "adj":
		return t.POS == voc.Adjective || t.POS == voc.AdjDependent || t.POS == voc.NounAdj || t.POS == voc.Noun || t.POS == voc.Auxiliary
	}
	return true
}

// pattern tells whether pattern p holds from its first element at h, where it
// ends, and whether its last word is found because it is negated.
func (w *work) pattern(p int32, h *hit) (to int32, negated, ok bool) {
	at := h.at
	to, negated = h.to, h.negated
	for _, e := range w.lex.patterns[p].elements[1:] {
		if e.absent {
			if w.scan.has(w.lex.choices[e.id]) {
				return 0, false, false
			}
			continue
		}
		if at, negated, ok = w.scan.after(w.lex.choices[e.id], at, to, e.far); !ok {
			return 0, false, false
		}
		to = w.scan.order[at].to
	}
	return to, negated, true
}
