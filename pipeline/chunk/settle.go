package chunk

import (
	"slices"
	"strings"

	"github.com/koe-voc/koe/pipeline/voc"
)

func (x *scan) verb(i int, t *voc.Token) {
	k := x.w.kinds[i]
	if t.Inflection == voc.Imperative {
		x.m |= voc.Request
	}
	switch t.Base {
	case "くれる", "もらえる", "いただける", "頂ける", "くださる", "下さる", "もらう", "いただく", "頂く", "戴く":
		x.give(i, t)
	case "しまう", "ちゃう", "じゃう", "ちまう":
		x.m |= voc.Adversative
	case "れる":
		x.passive = !x.dropsRa(i)
		x.able = x.able || !x.passive
	case "られる":
		x.passive, x.able = true, true
	case "できる", "出来る":
		x.able = true
	case "かねる", "兼ねる":
		x.m |= voc.Unable
	case "すぎる", "過ぎる":
		if i > x.from {
			x.m |= voc.Intensified
		}
	case "たがる":
		x.m |= voc.Wish
	}
	if k&potential != 0 {
		x.able = true
	}
	if k&(glad|handy) != 0 && i > x.from {
		x.better(k)
	}
	x.asks = x.asks || k&asking != 0
	x.seeks = x.seeks || k&seeking != 0
	if k&wishing != 0 {
		x.m |= voc.Wish
	}
}

// dropsRa reports a potential れる after a verb that takes られる (食べれない): the
// verb lost its る and nothing else.
func (x *scan) dropsRa(i int) bool {
	v := x.prev(i)
	return v != nil && v.POS == voc.Verb && x.w.r.Slice(v.Span)+"る" == v.Base
}

// give reads the verbs of giving and receiving.
func (x *scan) give(i int, t *voc.Token) {
	if i == x.from {
		return // a gift, not a favour
	}
	x.m |= voc.Benefactive
	switch t.Base {
	case "もらう", "いただく", "頂く", "戴く":
		x.query = x.query || t.Inflection == voc.Irrealis
	case "くれる":
		x.query = true
		if t.Inflection == voc.Continuative && x.closes(i+1) {
			x.m |= voc.Request // やめてくれ
		}
	default:
		x.query = true
		x.able = x.able || t.Base != "くださる" && t.Base != "下さる"
	}
}

// closes reports that from token i on only signs and と, よ and the like follow.
func (x *scan) closes(i int) bool {
	for ; i < x.to; i++ {
		switch t := &x.w.r.Tokens[i]; t.POS {
		case voc.Period, voc.Comma, voc.BracketClose, voc.Symbol, voc.ParticleFinal:
		case voc.ParticleCase:
			return t.Base == "と" || t.Base == "って"
		default:
			return false
		}
	}
	return true
}

func (x *scan) particle(i int, t *voc.Token) {
	switch t.Base {
	case "ば":
		x.cond = true
	case "と":
		x.cond = x.cond || x.w.kinds[i]&conditional != 0
	case "が", "けど", "けれど", "けれども", "けども", "のに", "ものの", "くせに", "とはいえ", "つつも", "ながらも", "ても", "でも", "とも":
		if t.POS == voc.ParticleConj && x.closes(i+1) {
			x.m |= voc.Concessive
			if t.Base == "のに" && x.m.Has(voc.Suggestion) {
				x.m = x.m&^voc.Suggestion | voc.Counterfactual
			}
		}
	case "も":
		if p := x.prev(i); p != nil && (p.POS == voc.ParticleConj || inflects(p.POS) && p.Inflection == voc.Basic) && x.closes(i+1) {
			x.m |= voc.Concessive // ても, ながらも, 説明するも
		}
	case "か", "かな", "かしら", "かい", "かね":
		if x.closes(i + 1) {
			x.voiced = true
			x.muses = i+2 < x.to && x.w.r.Tokens[i+1].Base == "と" && thinks(x.w.r.Tokens[i+2].Base)
		}
	case "な":
		if v := x.prev(i); v != nil && t.POS == voc.ParticleFinal && v.Inflection == voc.Basic &&
			(v.POS == voc.Verb || v.POS == voc.VerbDependent || v.POS == voc.VerbSuffix) && x.closes(i+1) {
			x.m |= voc.Request // 送るな
		}
	case "って":
		if i == x.to-1 && t.POS != voc.ParticleConj {
			x.m |= voc.Hearsay
		}
	}
}

func (x *scan) noun(i int, t *voc.Token) {
	k := x.w.kinds[i]
	switch {
	case k&wishing != 0:
		x.m |= voc.Wish
	case k&requesting != 0:
		x.pleads = true
	case k&conceding != 0:
		x.m |= voc.Concessive
	}
	x.asks = x.asks || k&asking != 0
	x.seeks = x.seeks || k&seeking != 0
	if k&(glad|handy) != 0 && i > x.from {
		x.better(k)
	}
	x.felt = x.felt || k&(feeling|wishing|reporting) != 0
	if strings.HasSuffix(t.Base, "なし") || strings.HasSuffix(t.Base, "無し") {
		x.negate(i)
	}
	switch t.Base {
	case "そう":
		if v := x.prev(i); v != nil && t.POS == voc.NounDependent && inflects(v.POS) {
			x.m |= voc.Hearsay
		}
	case "場合":
		x.cond = true
	case "不可", "不能":
		x.m |= voc.Unable
	case "すぎ", "過ぎ":
		x.m |= voc.Intensified
	case "どう", "いかが": // 〜たらどうか
		if x.cond && i > x.from {
			x.cond = false
			x.m |= voc.Suggestion
		}
	case "の", "ん":
		x.explains = x.explains || t.POS == voc.NounDependent
	}
	if (!t.Known || t.POS == voc.NounVerbal) && len(t.Base) > 3 && t.Base[len(t.Base)-3:] == "ろ" && x.closes(i+1) {
		x.m |= voc.Request // an imperative that the dictionary lacks
	}
}

// settle draws the sum of what was read.
func (x *scan) settle(c *voc.Clause) {
	what := x.asksWhat(c)
	asked := x.voiced || x.explains && what
	asked = asked && (!x.muses || what)
	if (asked || x.voiced) && x.supposes() {
		x.negs--
	}
	if asked && x.negs == 1 && x.coaxes() {
		x.negs = 0
		x.m |= voc.Wish
	}
	switch {
	case asked && x.query && !x.m.Has(voc.Past):
		x.m |= voc.Request
		x.negs = 0
	case asked:
		x.m |= voc.Question
		if what && !x.proposes() { // どうすればいいか asks for a suggestion
			x.m &^= voc.Suggestion
		}
	}
	if x.pleads && !x.m.Has(voc.Past) {
		x.m |= voc.Request
	}
	if x.asks && x.m&(voc.Request|voc.Wish) != 0 || x.seeks && x.desires {
		x.m |= voc.Question
	}
	switch {
	case x.negs >= 2 && x.negs%2 == 0:
		x.m |= voc.DoubleNegated
	case x.negs > 0:
		x.m |= voc.Negated
		if x.able {
			x.m |= voc.Unable
		}
	}
	if x.cond {
		x.m |= voc.Condition
	}
	if x.m&(voc.Wish|voc.Request|voc.Suggestion|voc.Counterfactual|voc.Condition) != 0 {
		x.m &^= voc.Benefactive
	}
	if x.due && x.m.Has(voc.Past) {
		x.m |= voc.Counterfactual // 〜べきだった
	}
	if x.m.Has(voc.Counterfactual) {
		x.m &^= voc.Concessive
	}
	if x.passive && x.m&(voc.Wish|voc.Request|voc.Negated) == 0 && !x.honorific() {
		x.m |= voc.Adversative
	}
}

// proposes reports 〜たらどうか, whose question word asks nothing.
func (x *scan) proposes() bool {
	for i := x.from + 1; i < x.to; i++ {
		if b := x.w.r.Tokens[i].Base; b == "どう" || b == "いかが" {
			return true
		}
	}
	return false
}

// coaxes reports 〜できないでしょうか, 〜ならないものか, 〜できませんか: a wish put as a
// question. 〜ないのでしょうか asks.
func (x *scan) coaxes() bool {
	if x.query || x.explains || x.m.Has(voc.Past) {
		return false
	}
	changes := x.able
	for i := x.from; i < x.to; i++ {
		t := &x.w.r.Tokens[i]
		changes = changes || t.Base == "なる"
		if b := t.Base; changes && i+1 < x.to && (b == "ない" || b == "ん") {
			n := x.w.r.Tokens[i+1].Base
			return n == "か" || n == "です" || n == "もの" || n == "だ" || n == "でしょ"
		}
	}
	return false
}

// supposes reports a closing 〜ではないか, 〜ではありませんか, which negates nothing.
func (x *scan) supposes() bool {
	tokens := x.w.r.Tokens
	for i := x.from + 2; x.negs > 0 && i < x.to; i++ {
		if b := tokens[i].Base; b != "ない" && b != "ん" && b != "ぬ" {
			continue
		}
		k := i - 1
		for k > x.from && (tokens[k].Base == "ます" || tokens[k].Base == "ある" || tokens[k].Base == "ござる") {
			k--
		}
		switch b := tokens[k].Base; {
		case b == "じゃ" || b == "では":
			return true
		case b == "は" && k > x.from && (tokens[k-1].Base == "だ" || tokens[k-1].Base == "で"):
			return true
		}
	}
	return false
}

// asksWhat reports a question word in the clause.
func (x *scan) asksWhat(c *voc.Clause) bool {
	for i := c.FromToken; i < x.to; i++ {
		if x.w.kinds[i]&interrogative != 0 && x.w.r.Tokens[i].POS != voc.NounNumber { // not 何度
			return true
		}
	}
	return false
}

// honorific reports れる that raises the customer in a note: ご希望される, 立腹される.
func (x *scan) honorific() bool {
	return x.w.notes && x.w.kinds[x.from]&(feeling|wishing|reporting) != 0
}

// operator reports a clause of a note that says what the operator did: a humble
// verb, or an action of the desk that is not asked for, missed, or done to the
// customer's displeasure.
func (w *work) operator(c *voc.Clause, end int, m voc.Modality) bool {
	if m&(voc.Report|voc.Quoted|voc.Wish|voc.Negated|voc.Unable|voc.Question|voc.Rhetorical|voc.Suggestion|voc.Adversative|voc.Benefactive|voc.Hearsay) != 0 {
		return false
	}
	b := c.Predicate
	if b < 0 {
		b = end
	}
	bs := &w.r.Bunsetsu[b]
	for i := bs.FromToken; i < w.r.Bunsetsu[end].ToToken; i++ {
		switch w.r.Tokens[i].Base {
		case "致す", "いたす", "申し上げる", "差し上げる", "さしあげる", "承る", "うかがう", "伺う":
			return true
		}
	}
	if m.Has(voc.Request) { // 配送業者へ確認依頼
		return c.Predicate < 0 && slices.ContainsFunc(c.Args, func(a voc.Argument) bool { return a.Particle == "に" })
	}
	for i := bs.ToToken - 1; i >= bs.FromToken; i-- {
		t := &w.r.Tokens[i]
		switch {
		case w.kinds[i]&acting != 0:
			return true
		case t.POS == voc.NounSuffix, !t.POS.IsContent(), t.POS == voc.Verb && isLightVerb(t.Base), neutral(t.Base):
			continue
		case t.POS == voc.NounVerbal && c.Predicate < 0 && w.kinds[w.r.Sentences[c.Sentence].FromToken]&bullet != 0:
			return w.kinds[i]&(wishing|feeling|reporting|requesting) == 0 // →返金手続き
		}
		return false
	}
	return false
}

// neutral reports nouns that say when or how far an action is.
func neutral(base string) bool {
	switch base {
	case "予定", "完了", "済", "済み", "中", "後", "実施", "対応", "待ち", "上":
		return true
	default:
		return false
	}
}
