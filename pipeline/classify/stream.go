package classify

import (
	"slices"

	"github.com/koe-voc/koe/pipeline/voc"
)

// hit is a word of the dictionary found in a sentence, in one of its uses.
type hit struct {
	use      int32 // of words.uses
	at       int32 // of scanner.order
	from, to int32 // tokens of the record, [from, to)
	negated  bool  // found because it is negated
}

// scanner finds the dictionary's words in one sentence. It is reused.
type scanner struct {
	base  letters // canonical forms of the sentence's tokens, one after the other
	text  letters // the sentence as it stands
	neg   []bool  // by token of the sentence: negated
	words []spotted
	order []spotted // words by place
	count []int32   // by token of the sentence, for ordering
	hits  []hit

	commas []int32 // by token of the sentence: signs that part clauses before it
	base0  int32   // first token of the sentence

	present [2][]uint64 // a bit for each word: it stands in the sentence; and there negated
	final   [2][]int32  // by word, of those present: the last in order; and there negated
}

// one is the index of present and final that a choice asks.
func (c choice) one() int {
	if c.negated {
		return 1
	}
	return 0
}

func (s *scanner) stands(c choice) bool {
	return s.present[c.one()][c.word>>6]>>(c.word&63)&1 != 0
}

// has reports whether any word of an element stands in the sentence.
func (s *scanner) has(element []choice) bool {
	return slices.ContainsFunc(element, s.stands)
}

// spotted is a word of the trie found in a sentence.
type spotted struct{ value, from, to int32 }

// polite reports auxiliaries that patterns leave out.
func polite(t *voc.Token) bool {
	if t.POS != voc.Auxiliary {
		return false
	}
	switch t.Base {
	case "ます", "です", "た":
		return true
	}
	return false
}

// negative reports the words of negation, a closed class.
func negative(t *voc.Token) bool {
	switch t.Base {
	case "ない", "ん", "ぬ", "ず", "ねえ", "無い", "へん", "まい":
		return t.POS == voc.Auxiliary || t.POS == voc.Adjective || t.POS == voc.AdjDependent
	case "なし", "無し", "ナシ":
		return t.POS.IsNoun() || t.POS == voc.NounSuffix || t.POS == voc.Adjective
	case "ゼロ", "皆無":
		return true
	}
	return false
}

// canonical is the form under which a token stands in the stream.
func canonical(t *voc.Token) string {
	if t.POS == voc.Auxiliary {
		switch t.Base {
		case "ん", "ぬ", "ず":
			return "ない"
		}
	}
	if t.Base == "無い" {
		return "ない"
	}
	return t.Base
}

// scan fills hits with what the tokens [from, to) hold, in order.
func (s *scanner) scan(w *words, r *voc.Record, from, to int) {
	s.begin(w)
	s.fill(r, from, to)
	s.negations(r, from, to)
	s.words = s.words[:0]
	s.text.read(r, from, to)
	s.walkBase(w)
	s.walkText(w)
	s.words = slices.DeleteFunc(s.words, func(x spotted) bool { return part(r, int(x.from), int(x.to)) })
	s.arrange(from, to)
	s.expand(w, from)
}

// arrange puts words in order of their first token, longer ones first, and
// drops what was found twice.
func (s *scanner) arrange(from, to int) {
	s.count = append(s.count[:0], make([]int32, to-from+1)...)
	for _, x := range s.words {
		s.count[int(x.from)-from+1]++
	}
	for i := 1; i < len(s.count); i++ {
		s.count[i] += s.count[i-1]
	}
	s.order = append(s.order, s.words...)
	for _, x := range s.words {
		at := &s.count[int(x.from)-from]
		s.order[*at] = x
		*at++
	}
	for i := 1; i < len(s.order); i++ {
		for k := i; k > 0 && s.order[k].before(s.order[k-1]); k-- {
			s.order[k], s.order[k-1] = s.order[k-1], s.order[k]
		}
	}
	s.order = slices.Compact(s.order)
}

func (x spotted) before(y spotted) bool {
	if x.from != y.from {
		return x.from < y.from
	}
	return x.to > y.to || x.to == y.to && x.value < y.value
}

// expand turns words into hits, and notes where they stand.
func (s *scanner) expand(w *words, from int) {
	for i, x := range s.order {
		neg := s.neg[int(x.to)-1-from]
		s.note(0, x.value, int32(i))
		if neg {
			s.note(1, x.value, int32(i))
		}
		for n := x.value; ; n++ {
			u := &w.uses[n]
			if neg || !u.negated {
				s.hits = append(s.hits, hit{n, int32(i), x.from, x.to, u.negated})
			}
			if u.last {
				break
			}
		}
	}
}

func (s *scanner) note(negated int, word, i int32) {
	s.present[negated][word>>6] |= 1 << (word & 63)
	s.final[negated][word] = i
}

// begin forgets the sentence before.
func (s *scanner) begin(w *words) {
	for _, x := range s.order {
		s.present[0][x.value>>6], s.present[1][x.value>>6] = 0, 0
	}
	s.hits, s.order = s.hits[:0], s.order[:0]
	if n := len(w.uses); len(s.final[0]) != n {
		for i := range s.final {
			s.present[i], s.final[i] = make([]uint64, n/64+1), make([]int32, n)
		}
	}
}

// maxLook bounds how many words are looked through for one far away.
const maxLook = 64

// after returns the first word of an element from token to on, near it or far,
// by its place in order, and whether it is found because it is negated; i is the
// place of a word before it.
func (s *scanner) after(element []choice, i, to int32, far bool) (at int32, negated, ok bool) {
	if !s.has(element) {
		return 0, false, false
	}
	for k := int(i) + 1; k < len(s.order) && k <= int(i)+maxLook; k++ {
		x := &s.order[k]
		if x.from < to {
			continue
		}
		if !far && !s.near(to, x.from) {
			return 0, false, false
		}
		for _, c := range element {
			if c.word == x.value && (!c.negated || s.neg[x.to-1-s.base0]) {
				return int32(k), c.negated, true
			}
		}
	}
	if !far {
		return 0, false, false
	}
	at = -1
	for _, c := range element {
		if s.stands(c) && s.final[c.one()][c.word] > at {
			at, negated = s.final[c.one()][c.word], c.negated
		}
	}
	return at, negated, s.order[at].from >= to
}

// near reports whether the tokens from a to b are few and no comma is among
// them.
func (s *scanner) near(a, b int32) bool {
	return b-a <= maxGap && s.commas[b-s.base0] == s.commas[a-s.base0]
}

func (s *scanner) fill(r *voc.Record, from, to int) {
	s.base = s.base[:0]
	s.commas, s.base0 = append(s.commas[:0], 0), int32(from)
	for i := from; i < to; i++ {
		t := &r.Tokens[i]
		n := s.commas[i-from]
		if t.POS == voc.Comma || t.POS == voc.Period {
			n++
		}
		s.commas = append(s.commas, n)
		if polite(t) {
			continue
		}
		s.base = s.base.token(int32(i), canonical(t))
	}
}

// negations marks the tokens whose meaning is turned: a negation follows, with
// nothing but function words between, and it is not a question (〜ではないか).
func (s *scanner) negations(r *voc.Record, from, to int) {
	s.neg = s.neg[:0]
	for range to - from {
		s.neg = append(s.neg, false)
	}
	turned := false
	for i := to - 1; i >= from; i-- {
		t := &r.Tokens[i]
		switch {
		case negative(t):
			if turns(r.Tokens[from:to], i-from) {
				turned = !turned
			}
		case transparent(r.Tokens[from:to], i-from):
		default:
			s.neg[i-from] = turned
			if !light(t) {
				turned = false
			}
		}
		if t.POS == voc.Period || t.POS == voc.Comma {
			turned = false
		}
	}
}

// light reports verbs that a negation passes through: 問題とは思わない.
func light(t *voc.Token) bool {
	switch t.Base {
	case "する", "なる", "思う", "感じる", "ある", "いう", "言う", "覚える", "いる", "見える", "思える", "考える", "ござる":
		return true
	}
	return t.POS == voc.VerbDependent || t.POS == voc.VerbSuffix || t.POS == voc.NounDependent || t.POS == voc.NounSuffix
}

// transparent reports function words between a word and its negation.
func transparent(tokens []voc.Token, i int) bool {
	t := &tokens[i]
	switch t.POS {
	case voc.Auxiliary, voc.ParticleTopic, voc.ParticleFinal, voc.ParticleAdverb, voc.AdjDependent:
		return t.Base != "か"
	case voc.ParticleCase, voc.ParticleNoun:
		return t.Base == "が" || t.Base == "と" || t.Base == "に" || t.Base == "の" || t.Base == "を"
	case voc.ParticleConj:
		return t.Base == "て" || t.Base == "で" || t.Base == "ば"
	default:
	}
	return false
}

// turns is false where a negation only asks: 〜ではないか, 〜じゃないですか.
func turns(tokens []voc.Token, i int) bool {
	asked := false
	for k := i + 1; k < len(tokens) && k <= i+4; k++ {
		if tokens[k].Base == "か" || tokens[k].Base == "?" || tokens[k].Base == "かな" || tokens[k].Base == "でしょ" || tokens[k].Base == "だろ" {
			asked = true
		}
		if tokens[k].POS == voc.Comma || tokens[k].POS == voc.Period {
			break
		}
	}
	if !asked {
		return true
	}
	k := i - 1
	for k > 0 && (tokens[k].Base == "ます" || tokens[k].Base == "ある" || tokens[k].Base == "ござる" || tokens[k].Base == "です") {
		k--
	}
	if k < 0 {
		return true
	}
	switch tokens[k].Base {
	case "じゃ", "では", "ぢゃ":
		return false
	case "は":
		return k == 0 || tokens[k-1].Base != "だ" && tokens[k-1].Base != "で"
	}
	return true
}

// shortKatakana is three letters in bytes.
const shortKatakana = 9

// part reports whether the word of tokens [from, to) is a short katakana word
// at the end of a longer one: バス in ユニットバス.
func part(r *voc.Record, from, to int) bool {
	if from == 0 || to-from != 1 {
		return false
	}
	a, b := r.Tokens[from-1].Span, r.Tokens[from].Span
	return a.To == b.From && b.Len() <= shortKatakana && katakana(r.Text[b.From:b.To]) && katakana(r.Text[a.From:a.To])
}

func katakana(s string) bool {
	for _, r := range s {
		if r < 'ァ' || r > 'ー' {
			return false
		}
	}
	return true
}
