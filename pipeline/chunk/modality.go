package chunk

import (
	"slices"

	"github.com/koe-voc/koe/pipeline/voc"
)

// scan is what reading the tail of a clause word by word comes to.
type scan struct {
	w        *work
	m        voc.Modality
	from, to int  // tokens of the tail: from the head of the predicate on
	negs     int  // negations
	cond     bool // a condition that nothing has completed
	query    bool // もらえますか, くれない？: a request if it is asked
	voiced   bool // a question mark or か at the end
	able     bool // a potential: negated, inability
	passive  bool
	asks     bool // a verb of telling: with a request, a question
	seeks    bool // a verb of learning: with たい, a question
	desires  bool // たい
	muses    bool // 〜かと思う: asks nobody
	pleads   bool // お願い
	explains bool // のだ, んです
	due      bool // 〜べき
	felt     bool // ご立腹: said of the customer in a note
}

// modality reads the clause c, whose last bunsetsu is end.
func (w *work) modality(c *voc.Clause, s stretch, end int) voc.Modality {
	head := w.headOf(c, end)
	x := scan{w: w, from: head, to: c.ToToken}
	x.m = w.around(c, s)
	for i := head; i < c.ToToken; i++ {
		x.word(i)
	}
	x.settle(c)
	if w.notes && x.felt {
		x.m |= voc.Report
	}
	if w.notes && w.operator(c, end, x.m|s.given) {
		x.m |= voc.OperatorAction
	}
	return x.m
}

// headOf returns the token at which the tail of the clause begins: the head of
// its predicate, or of its last bunsetsu.
func (w *work) headOf(c *voc.Clause, end int) int {
	b := c.Predicate
	if b < 0 {
		b = end
	}
	if h := w.r.Bunsetsu[b].Head; h >= 0 {
		return h
	}
	return w.r.Bunsetsu[b].FromToken
}

// around looks at words anywhere in the clause: intensity, rhetoric, もし, and who
// is reported. Words of a quotation inside do not count.
func (w *work) around(c *voc.Clause, s stretch) voc.Modality {
	var m voc.Modality
	depth := 0
	for i := c.FromToken; i < c.ToToken; i++ {
		t := &w.r.Tokens[i]
		switch {
		case t.POS == voc.BracketOpen && isQuote(t.Base):
			depth++
		case t.POS == voc.BracketClose && isQuote(t.Base):
			depth--
		}
		k := w.kinds[i]
		if k == 0 || depth > 0 && !s.given.Has(voc.Quoted) {
			continue
		}
		if k&intensifier != 0 {
			m |= voc.Intensified
		}
		if k&softener != 0 {
			m |= voc.Softened
		}
		if k&rhetorical != 0 {
			m |= voc.Rhetorical
		}
	}
	for b := s.from; b < s.to; b++ {
		if !w.phrases[b].closes {
			m |= w.reported(b, w.sentenceEnd)
		}
	}
	return m
}

// word reads one token of the tail.
func (x *scan) word(i int) {
	t := &x.w.r.Tokens[i]
	switch t.POS {
	case voc.Auxiliary:
		x.auxiliary(i, t)
	case voc.Adjective, voc.AdjDependent:
		x.adjective(i, t)
	case voc.Verb, voc.VerbDependent, voc.VerbSuffix:
		x.verb(i, t)
	case voc.ParticleConj, voc.ParticleCase, voc.ParticleTopic, voc.ParticleAdverb, voc.ParticleFinal, voc.ParticleOther, voc.ParticlePara:
		x.particle(i, t)
	case voc.Period:
		if t.Base[len(t.Base)-1] == '?' || t.Base[0] == '?' {
			x.voiced = true
		}
	default:
		x.noun(i, t)
	}
}

func (x *scan) auxiliary(i int, t *voc.Token) {
	switch t.Base {
	case "ない", "ぬ", "ん", "まい", "へん":
		x.negate(i)
	case "たい":
		x.m |= voc.Wish
		x.desires = true
	case "た":
		switch {
		case t.Inflection == voc.Hypothetical:
			x.cond = true
		case !x.before(i+1, "ほう", "方"):
			x.m |= voc.Past
		}
	case "だ", "です":
		if t.Base == "だ" && t.Inflection == voc.Hypothetical {
			x.cond = true
		} else if v := x.prev(i); v != nil && t.Base == "だ" && pastDa(v) {
			x.m |= voc.Past // 読んだ
		}
	case "べし", "べき":
		x.m |= voc.Suggestion
		x.due = true
	case "らしい":
		x.m |= voc.Hearsay
	}
}

// prev returns the token before i in the tail, nil if i is its first.
func (x *scan) prev(i int) *voc.Token {
	if i <= x.from {
		return nil
	}
	return &x.w.r.Tokens[i-1]
}

// pastDa reports what だ makes a past of: the stem of a verb in ん or い.
func pastDa(t *voc.Token) bool {
	return (t.POS == voc.Verb || t.POS == voc.VerbDependent) && t.Inflection == voc.Continuative
}

// negate counts a negation, but not one that asks (〜ませんか), supposes
// (〜のではないか, 〜かもしれない) or, with a second one, obliges (〜なければならない).
func (x *scan) negate(i int) {
	tokens := x.w.r.Tokens
	if i > 0 {
		switch tokens[i-1].Base {
		case "しれる", "違い", "相違", "間違い":
			return
		case "なる", "いける":
			if x.negs > 0 && x.obliges(i-1) {
				x.negs--
				x.cond = false
				return
			}
		}
		if x.w.kinds[i-1]&conceding != 0 || x.astonished(i) { // 仕方ない
			return
		}
	}
	x.negs++
}

// astonished reports the ない of 〜とは思わなかった, which tells that it did happen.
func (x *scan) astonished(i int) bool {
	t := x.w.r.Tokens
	return i >= 3 && i+1 < x.to && t[i-1].Base == "思う" && t[i-2].Base == "は" && t[i-3].Base == "と" && t[i+1].Base == "た"
}

// obliges reports that the なる or いける at i follows a condition: 〜なければ, 〜なくては, 〜ないと.
func (x *scan) obliges(i int) bool {
	p := &x.w.r.Tokens[i-1]
	switch p.Base {
	case "ば", "は", "と", "ちゃ", "ては", "きゃ":
		return true
	default:
		return p.Inflection == voc.Hypothetical
	}
}

// before reports whether token i is one of the words.
func (x *scan) before(i int, words ...string) bool {
	return i < x.to && slices.Contains(words, x.w.r.Tokens[i].Base)
}

func (x *scan) adjective(i int, t *voc.Token) {
	k := x.w.kinds[i]
	switch t.Base {
	case "ない", "無い":
		x.negate(i)
	case "ほしい", "欲しい":
		x.m |= voc.Wish
	case "いい", "よい", "良い", "好い", "よろしい":
		x.good(i)
	}
	if k&(glad|handy) != 0 && i > x.from {
		x.better(k)
	}
	if k&conceding != 0 {
		x.m |= voc.Concessive
	}
}

// good reads いい after a condition or after 方が: a suggestion, in the past what
// should have been.
func (x *scan) good(i int) {
	better := i >= 2 && (x.w.r.Tokens[i-2].Base == "ほう" || x.w.r.Tokens[i-2].Base == "方")
	if !x.cond && !better || i == x.from {
		return
	}
	x.cond = false
	if x.past(i) {
		x.m |= voc.Counterfactual
	} else {
		x.m |= voc.Suggestion
	}
}

// better reads 助かる, 便利 after a condition.
func (x *scan) better(k kinds) {
	if !x.cond {
		return
	}
	x.cond = false
	if k&glad != 0 {
		x.m |= voc.Wish
	} else {
		x.m |= voc.Suggestion
	}
}

// past reports た after the word at i, in its bunsetsu.
func (x *scan) past(i int) bool {
	for k := i + 1; k < min(x.to, i+5); k++ {
		if t := &x.w.r.Tokens[k]; t.POS == voc.Auxiliary && t.Base == "た" && t.Inflection != voc.Hypothetical {
			return true
		}
	}
	return false
}
