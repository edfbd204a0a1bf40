package chunk

import "github.com/koe-voc/koe/pipeline/voc"

// relation is how a bunsetsu asks to be continued.
type relation uint8

const (
	toPredicate   relation = iota // 連用: an argument or an adverb
	toNominal                     // 連体
	topic                         // は, も: the whole sentence
	sequel                        // て, 連用中止
	clauseLink                    // が, けど, ので, から, ば, と …
	quote                         // と, って before a verb of saying
	parallel                      // と, や, か between nouns; a bare noun and a comma
	wholeSentence                 // conjunctions, interjections
	closed                        // 終止形: a predicate that wants nothing more
	bare                          // a noun without a particle
)

// phrase is what linking and clauses need to know of a bunsetsu.
type phrase struct {
	rel       relation
	predicate bool   // something is said: verb, adjective, noun and copula
	nominal   bool   // can be qualified: has a noun for its head
	quality   bool   // says a quality: adjective, 形容動詞
	comma     bool   // ends with a comma
	particle  string // が を に で は も と から まで の …; the case, if case and topic stand together
	last      int32  // last token that is no punctuation, −1
	closes    bool   // holds the end of a quotation in brackets
}

// look fills in w.phrases for the bunsetsu of one sentence.
func (w *work) look(from, to int) {
	for b := from; b < to; b++ {
		w.phrases = append(w.phrases, w.phraseOf(b))
	}
	for b := from; b < to; b++ {
		if b+1 < to && (w.polite(b) || w.pauses(b)) {
			w.phrases[b].rel = closed
		}
		p := &w.phrases[b]
		if p.last < 1 || p.closes || !p.predicate || w.lastBase(b) != "と" || p.rel != quote && p.rel != clauseLink {
			continue
		}
		if w.condition(b, to) {
			p.rel, p.particle = clauseLink, ""
			w.kinds[p.last] |= conditional
		} else {
			p.rel, p.particle = quote, "と"
		}
	}
}

// polite reports a predicate in です or ます that closes a sentence though no stop
// follows, as in recognised speech. です qualifies no noun; ます does in polite
// letters (購入しました商品).
func (w *work) polite(b int) bool {
	p := &w.phrases[b]
	if p.rel != toNominal || p.last < 1 {
		return false
	}
	t, v := &w.r.Tokens[p.last], &w.r.Tokens[p.last-1]
	if t.POS != voc.Auxiliary || w.formal(b+1) {
		return false
	}
	if t.Base == "です" || t.Base == "た" && v.Base == "です" {
		return true
	}
	return (t.Base == "ます" || t.Base == "た" && v.Base == "ます") && !w.phrases[b+1].nominal
}

// pauses reports a predicate before a comma that closes an utterance: in a note
// any one, elsewhere one that asks or wishes, which hardly qualifies a noun.
func (w *work) pauses(b int) bool {
	p := &w.phrases[b]
	if p.rel != toNominal || !p.comma || !p.predicate {
		return false
	}
	t := &w.r.Tokens[p.last]
	return t.Inflection == voc.Basic && (w.notes || t.Base == "ほしい" || t.Base == "欲しい" || t.Base == "たい" || thinks(t.Base))
}

// condition reports that と at the end of bunsetsu b joins a condition (あると助かる),
// not a quotation, whatever the dictionary takes it for: it follows a present
// form, and no verb of saying, hearing or thinking comes next.
func (w *work) condition(b, to int) bool {
	i := int(w.phrases[b].last)
	if v := &w.r.Tokens[i-1]; v.Inflection != voc.Basic || v.Base == "た" {
		return false
	}
	for c := b + 1; c < min(to, b+4); c++ {
		k, said := w.sayer(c)
		if said || k&(hearing|wishing|requesting) != 0 {
			return false
		}
		if !w.phrases[c].predicate && c < to-1 {
			continue
		}
		h := w.r.Bunsetsu[c].Head
		return w.phrases[c].predicate && !w.told(c) && h >= 0 && !thinks(w.r.Tokens[h].Base)
	}
	return false
}

func (w *work) phraseOf(b int) phrase {
	bs := &w.r.Bunsetsu[b]
	p := phrase{last: -1}
	verbal, copula := false, false
	for i := bs.FromToken; i < bs.ToToken; i++ {
		t := &w.r.Tokens[i]
		switch t.POS {
		case voc.Comma:
			p.comma = true
			continue
		case voc.BracketClose:
			p.closes = p.closes || isQuote(t.Base)
			continue
		case voc.Period, voc.Symbol, voc.BracketOpen:
			continue
		case voc.Verb, voc.Adjective, voc.VerbDependent, voc.AdjDependent:
			verbal = true
		case voc.Auxiliary:
			copula = true
		default:
		}
		p.comma = false
		p.last = int32(i)
	}
	if p.last < 0 {
		p.rel = wholeSentence
		return p
	}
	head := voc.OtherPOS
	if bs.Head >= 0 {
		head = w.r.Tokens[bs.Head].POS
	}
	p.predicate = verbal || copula
	p.nominal = (isNominal(head) || head == voc.NounCounter || head == voc.NounNumber) && !verbal
	p.quality = head == voc.Adjective || head == voc.NounAdj
	w.relate(b, &p)
	if p.rel == toNominal && p.quality { // 丁寧な qualifies; it is not qualified
		p.nominal = false
	}
	return p
}

// isQuote reports the brackets that quote.
func isQuote(base string) bool {
	switch base {
	case "「", "『", "“", "」", "』", "”":
		return true
	default:
		return false
	}
}

// relate sets the relation by the last token, and the particle.
func (w *work) relate(b int, p *phrase) {
	bs := &w.r.Bunsetsu[b]
	i := int(p.last)
	t := &w.r.Tokens[i]
	switch t.POS {
	case voc.ParticleNoun:
		p.rel, p.particle = toNominal, "の"
	case voc.ParticleCase:
		w.relateCase(p, i, bs.FromToken)
	case voc.ParticleTopic:
		p.rel, p.particle = topic, t.Base
		if i > bs.FromToken && w.r.Tokens[i-1].POS == voc.ParticleCase {
			p.particle = w.r.Tokens[i-1].Base // には, では: the case counts, the reach is that of は
			if p.predicate && p.particle == "と" {
				p.rel = quote // とは思わない
			}
		} else if before := &w.r.Tokens[max(i-1, 0)]; i > bs.FromToken && (before.POS == voc.ParticleConj || inflects(before.POS) && before.Inflection == voc.Basic) {
			p.rel, p.particle = clauseLink, "" // ても, ては, 説明するも
		}
	case voc.ParticleConj:
		p.rel = clauseLink
		if t.Base == "て" || t.Base == "で" || t.Base == "つつ" || t.Base == "ながら" {
			p.rel = sequel
		}
	case voc.ParticlePara:
		p.rel, p.particle = parallel, t.Base
		if p.predicate {
			p.rel = sequel // 〜たり
		}
	case voc.ParticleFinal:
		p.rel = closed
	case voc.ParticleAdverb:
		p.rel = toPredicate
		if (t.Base == "か" || t.Base == "など" || t.Base == "なんか") && !p.predicate {
			p.rel = parallel
		} else if t.Base == "か" {
			p.rel = closed
		}
	case voc.ParticleOther:
		p.rel = toPredicate
	case voc.Adverb:
		p.rel = toPredicate
	case voc.Adnominal:
		p.rel = toNominal
	case voc.Conjunction, voc.Interjection, voc.Filler:
		p.rel = wholeSentence
	default:
		w.relateInflected(p, t)
	}
}

func (w *work) relateCase(p *phrase, i, from int) {
	base := w.r.Tokens[i].Base
	p.rel, p.particle = toPredicate, base
	switch {
	case base == "と" || base == "って":
		switch {
		case p.predicate || i > from && w.r.Tokens[i-1].POS == voc.BracketClose:
			p.rel = quote
		case base == "と":
			p.rel = parallel
		default:
			p.rel = topic
		}
	case attributive(base):
		p.rel = toNominal
	}
}

// attributive reports the compound particles that qualify a noun.
func attributive(base string) bool {
	switch base {
	case "という", "といった", "とかいう", "における", "に関する", "にかんする", "による", "に対する", "にたいする", "をめぐる", "に関わる",
		"にかかわる", "に当たる", "にあたる", "につき", "による上", "っていう", "ていう", "ちゅう", "にまつわる", "を通じた", "に伴う", "にともなう":
		return base != "につき"
	default:
		return false
	}
}

// relateInflected decides verbs, adjectives, auxiliaries and bare nouns.
func (w *work) relateInflected(p *phrase, t *voc.Token) {
	switch {
	case !inflects(t.POS):
		p.rel = bare
		if t.POS == voc.NounDependent && (t.Base == "よう" || t.Base == "そう" || t.Base == "まま" || t.Base == "ため") || p.predicate {
			p.rel = toPredicate
		}
	case t.Inflection == voc.Hypothetical:
		p.rel = clauseLink // たら, なら
	case t.Inflection == voc.Continuative || t.Inflection == voc.Stem:
		p.rel = sequel
		if t.POS == voc.Adjective && !p.comma {
			p.rel = toPredicate
		}
	case t.Inflection == voc.Irrealis || t.Inflection == voc.Imperative:
		p.rel = closed
	default:
		p.rel = toNominal // closed where no noun follows
	}
}
