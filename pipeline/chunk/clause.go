package chunk

import (
	"strings"

	"github.com/koe-voc/koe/pipeline/voc"
)

// stretch is a clause in the making: bunsetsu [from, to) and what is known of
// it before its own words are read.
type stretch struct {
	sentence int
	from, to int
	given    voc.Modality // from around it: Quoted, Report, Hearsay
}

// clauses appends the clauses of bunsetsu [from, to) of sentence s. A quotation
// that says something has clauses of its own. They come before the clause that
// quotes them, and lie inside of it if it has words before the quotation.
func (w *work) clauses(s, from, to int, given voc.Modality) {
	start := from
	for b := from; b < to; b++ {
		if q := w.quotation(b, to); q > b && (b > from || !given.Has(voc.Quoted)) {
			if w.signs(start, b) {
				start = w.emit(stretch{s, start, b, given})
			}
			first := len(w.r.Clauses)
			w.clauses(s, b, q, given|voc.Quoted)
			after := w.reported(q-1, w.sentenceEnd)
			for i := first; i < len(w.r.Clauses); i++ {
				w.r.Clauses[i].Modality |= after
			}
			if start == b {
				start = q
			}
			if start == q && after != 0 && w.speech(q, to) {
				start = w.absorb(q, to)
			}
			b = max(q, start) - 1
			if b+1 >= to || w.phrases[b].rel != quote && w.ends(b, to) {
				start = w.emit(stretch{s, start, b + 1, given})
			}
			continue
		}
		if w.ends(b, to) {
			start = w.emit(stretch{s, start, b + 1, given})
		}
	}
	w.emit(stretch{s, start, to, given})
}

// signs reports bunsetsu [from, to) that hold no word, such as an arrow.
func (w *work) signs(from, to int) bool {
	for b := from; b < to; b++ {
		if w.phrases[b].last >= 0 {
			return false
		}
	}
	return from < to
}

// quotation returns the end of the quotation that bunsetsu b opens, b if it
// opens none or one that says nothing (a title, a word).
func (w *work) quotation(b, to int) int {
	depth, opened, says := 0, false, false
	var last *voc.Token // inside the brackets
	for c := b; c < to; c++ {
		bc := &w.r.Bunsetsu[c]
		for i := bc.FromToken; i < bc.ToToken; i++ {
			t := &w.r.Tokens[i]
			switch {
			case t.POS == voc.BracketOpen && isQuote(t.Base):
				depth++
				opened = true
			case t.POS == voc.BracketClose && isQuote(t.Base):
				says = says || depth == 1 && last != nil && finite(last)
				depth--
			case depth > 0:
				says = says || t.POS == voc.Period || t.POS == voc.ParticleTopic || t.POS == voc.ParticleCase
				last = t
			}
		}
		switch {
		case !opened:
			return b
		case depth <= 0 && says:
			return c + 1
		case depth <= 0:
			return b
		}
	}
	if says {
		return to
	}
	return b
}

// finite reports a word that can end an utterance.
func finite(t *voc.Token) bool {
	switch t.POS {
	case voc.ParticleFinal, voc.Interjection, voc.ParticleConj:
		return true
	default:
		return inflects(t.POS) && t.Inflection != voc.Continuative && t.Inflection != voc.Stem
	}
}

// absorb lengthens the clause before bunsetsu b by the words that report it,
// and returns where the next one begins.
func (w *work) absorb(b, to int) int {
	for b < to-1 && !w.phrases[b].predicate && !w.ends(b, to) {
		b++
	}
	last := &w.r.Clauses[len(w.r.Clauses)-1]
	last.ToToken = w.r.Bunsetsu[b].ToToken
	last.Span.To = w.r.Tokens[last.ToToken-1].Span.To
	return b + 1
}

// ends reports whether a clause ends with bunsetsu b, where the text of the
// sentence or the quotation goes on to bunsetsu to.
func (w *work) ends(b, to int) bool {
	if b+1 >= to || w.stops(b) {
		return true
	}
	p := &w.phrases[b]
	if p.predicate && w.r.Tokens[w.r.Bunsetsu[b+1].FromToken].POS == voc.Symbol {
		return true // 駐車場が狭い・案内が少ない
	}
	switch p.rel {
	case clauseLink:
		return !w.goesOn(b, to)
	case sequel:
		if w.notes && w.kindsOf(b)&acting != 0 && w.kindsOf(b+1)&feeling != 0 {
			return true // 説明しご納得: the operator, then the customer
		}
		return !w.goesOn(b, to) && (p.comma || w.refused(b) || w.newSubject(b+1, to))
	case closed:
		return p.predicate && !w.goesOn(b, to)
	case quote:
		return w.quoteEnds(b, to)
	case toNominal:
		return false
	case bare, toPredicate:
		if w.conjunctive(b) {
			return true
		}
		return w.notes && p.rel == bare && (p.comma || w.gap(w.r.Bunsetsu[b+1].FromToken)) && w.telegraphic(b)
	default:
		return false
	}
}

// stops reports a full stop inside of bunsetsu b, as in a quotation.
func (w *work) stops(b int) bool {
	bs := &w.r.Bunsetsu[b]
	for i := bs.FromToken; i < bs.ToToken; i++ {
		if w.r.Tokens[i].POS == voc.Period {
			return true
		}
	}
	return false
}

// goesOn reports whether the predicate of b and the next one are one
// expression: 〜ば|よい, 〜ても|構わない, 〜と|助かる.
func (w *work) goesOn(b, to int) bool {
	last := w.lastBase(b)
	if i := w.phrases[b].last; i >= 0 && inflects(w.r.Tokens[i].POS) && w.r.Tokens[i].Inflection != voc.Hypothetical {
		return false // だ closes, なら goes on
	}
	for c := b + 1; c < min(to, b+3); c++ {
		h := w.r.Bunsetsu[c].Head
		if h < 0 {
			return false
		}
		if w.phrases[c].predicate || c == to-1 {
			return w.completes(last, w.r.Tokens[h].Base, w.kindsOf(c))
		}
		if w.phrases[c].particle != "" {
			return false
		}
	}
	return false
}

// kindsOf joins the kinds of the words of bunsetsu b.
func (w *work) kindsOf(b int) kinds {
	var k kinds
	for i := w.r.Bunsetsu[b].FromToken; i < w.r.Bunsetsu[b].ToToken; i++ {
		k |= w.kinds[i]
	}
	return k
}

// completes reports whether a predicate completes a clause that ends with that
// word.
func (w *work) completes(last, base string, k kinds) bool {
	switch last {
	case "ば", "と", "た", "だ", "なら", "ない": // たら is た, なら is だ
		if k&(glad|handy) != 0 {
			return true
		}
		switch base {
		case "いい", "よい", "良い", "好い", "なる", "いける", "だめ", "駄目", "ダメ", "ならない", "どう", "いかが":
			return true
		}
	case "も", "ても", "でも":
		switch base {
		case "いい", "よい", "良い", "構う", "かまう", "大丈夫", "結構", "よろしい", "問題":
			return true
		}
	case "は", "ては", "ちゃ":
		switch base {
		case "いける", "なる", "だめ", "駄目", "ダメ", "困る":
			return true
		}
	}
	return false
}

// newSubject reports that somebody or something else is spoken of before the
// next predicate from bunsetsu c on.
func (w *work) newSubject(c, to int) bool {
	for ; c < to; c++ {
		p := &w.phrases[c]
		if p.rel == topic || p.particle == "が" {
			return true
		}
		if p.predicate && p.rel != toNominal {
			return false
		}
	}
	return false
}

// refused reports a predicate in ず or なく that is a statement of its own
// (分からず困った), not part of 〜なくなる.
func (w *work) refused(b int) bool {
	i := w.phrases[b].last
	if i < 0 || w.r.Tokens[i].POS != voc.Auxiliary {
		return false
	}
	h := w.r.Bunsetsu[b+1].Head
	base := w.r.Tokens[i].Base
	return (base == "ぬ" || base == "ない") && h >= 0 && w.r.Tokens[h].Base != "なる" && w.r.Tokens[h].Base != "する"
}

// quoteEnds decides a clause that と or って closes without brackets. One verb of
// thinking, saying or hearing after it belongs to it; the passive (と言われた) is
// an event of its own.
func (w *work) quoteEnds(b, to int) bool {
	if w.phrases[b].closes && !w.phrases[b].predicate {
		return false // 「準備中」と出る
	}
	var k kinds
	for c := b + 1; c < min(to, b+3); c++ {
		h := w.r.Bunsetsu[c].Head
		if h < 0 {
			return false
		}
		k |= w.kinds[h]
		if !w.phrases[c].predicate && c < to-1 {
			continue
		}
		if w.passive(c) {
			return true
		}
		return k&(reporting|hearing|feeling|wishing) == 0 && !thinks(w.r.Tokens[h].Base) && w.phrases[c].predicate
	}
	return false
}

// thinks reports the verbs that say no more than that the speaker means it.
func thinks(base string) bool {
	switch base {
	case "思う", "おもう", "考える", "感じる", "存じる", "存ずる", "願う", "祈る", "期待", "する", "なる", "いう", "言える", "いえる":
		return true
	default:
		return false
	}
}

// formal reports a bunsetsu whose head has no meaning of its own.
func (w *work) formal(b int) bool {
	h := w.r.Bunsetsu[b].Head
	if h < 0 {
		return false
	}
	switch w.r.Tokens[h].Base {
	case "こと", "事", "の", "ん", "旨", "由", "よし", "様子", "模様", "次第", "件", "ため", "為", "わけ", "訳", "ほう", "方", "はず", "筈", "つもり",
		"ところ", "場合", "際", "とき", "時", "必要", "可能性", "恐れ", "よう", "もの", "気", "余地", "うえ", "上", "まま", "状態", "状況":
		return true
	default:
		return false
	}
}

// conjunctive reports a formal noun that joins the predicate before it to the
// next like a particle: 〜ため, 〜場合, 〜ところ.
func (w *work) conjunctive(b int) bool {
	if b == 0 || w.r.Bunsetsu[b-1].Sentence != w.r.Bunsetsu[b].Sentence || w.r.Bunsetsu[b].Head < 0 {
		return false
	}
	before := &w.phrases[b-1]
	if !before.predicate || before.rel != toNominal {
		return false
	}
	switch w.r.Tokens[w.r.Bunsetsu[b].Head].Base {
	case "ため", "為", "場合", "ところ":
		return w.phrases[b].particle == "" || w.phrases[b].particle == "に"
	case "際", "うえ", "上", "以上", "反面", "一方", "代わり", "かわり", "とき", "時", "後", "あと", "割":
		return w.phrases[b].comma
	default:
		return false
	}
}

// telegraphic reports a noun that can stand for a clause in a note (体言止め).
func (w *work) telegraphic(b int) bool {
	i := int(w.phrases[b].last)
	t := &w.r.Tokens[i]
	switch t.POS {
	case voc.NounVerbal, voc.NounAdj, voc.NounSuffix:
		return true
	default:
		return w.kinds[i]&(wishing|feeling|acting|requesting) != 0 || denies(t.Base)
	}
}

// denies reports a noun that begins with a negation: 未着, 不通, 無断.
func denies(base string) bool {
	return strings.HasPrefix(base, "未") || strings.HasPrefix(base, "不") || strings.HasPrefix(base, "無")
}
