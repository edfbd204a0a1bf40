package chunk

import "github.com/koe-voc/koe/pipeline/voc"

// cut appends the bunsetsu of sentence number s to w.r.Bunsetsu, links left open.
func (w *work) cut(s int) {
	sent := w.r.Sentences[s]
	b := voc.Bunsetsu{Sentence: s, FromToken: sent.FromToken, Link: -1}
	for i := sent.FromToken + 1; i <= sent.ToToken; i++ {
		if i < sent.ToToken && !w.begins(b.FromToken, i) {
			continue
		}
		b.ToToken = i
		w.anatomy(&b)
		w.r.Bunsetsu = append(w.r.Bunsetsu, b)
		b.FromToken = i
	}
}

// begins reports whether token i begins a bunsetsu after one that began at
// token from. A bunsetsu is a content word, or several joined to one, with the
// function words that follow.
func (w *work) begins(from, i int) bool {
	tok, prev := &w.r.Tokens[i], &w.r.Tokens[i-1]
	if prev.POS == voc.BracketOpen || prev.POS == voc.Prefix && !w.gap(i) {
		return false
	}
	switch p := tok.POS; {
	case p == voc.Period || p == voc.Comma || p == voc.BracketClose:
		return false
	case p == voc.BracketOpen:
		return !joinsBracket(tok.Base) || !isNominal(prev.POS)
	case p == voc.Symbol:
		return w.kinds[i]&bullet != 0 || w.leads(i)
	case p == voc.Auxiliary:
		return tok.Base == "ない" && w.absence(i)
	case p.IsParticle():
		return false
	case p == voc.VerbSuffix || p == voc.VerbDependent || p == voc.AdjDependent:
		return !attaches(prev, tok)
	case p == voc.Verb:
		return w.beginsVerb(i)
	case p == voc.Adjective:
		return w.beginsAdjective(i)
	case p == voc.Conjunction && (tok.Base == "じゃ" || tok.Base == "では") && (isNominal(prev.POS) || inflects(prev.POS)):
		return false // ひどいんじゃないか
	case p == voc.Adverb, p == voc.Adnominal, p == voc.Conjunction, p == voc.Interjection, p == voc.Filler, p == voc.Placeholder:
		return w.kinds[i-1]&bullet == 0 || i-1 != from
	default:
		return w.beginsNoun(from, i)
	}
}

// leads reports a sign that begins what follows it (#1, -5) after a function
// word.
func (w *work) leads(i int) bool {
	prev := w.r.Tokens[i-1].POS
	return i+1 < len(w.r.Tokens) && (prev.IsParticle() || inflects(prev)) && isNominal(w.r.Tokens[i+1].POS) && !w.gap(i+1)
}

// absence reports a ない that the dictionary takes for the auxiliary but that
// says what is not there: after a noun and its particle (良さもない).
func (w *work) absence(i int) bool {
	prev := w.r.Tokens[i-1].POS
	if i < 2 || w.r.Tokens[i-1].Base == "じゃ" || prev != voc.ParticleTopic && prev != voc.ParticleCase && prev != voc.ParticleAdverb {
		return false
	}
	before := &w.r.Tokens[i-2]
	return isNominal(before.POS) && before.POS != voc.NounAdj || before.POS == voc.NounCounter
}

// joinsBracket reports brackets that gloss the word before them and stay in
// its bunsetsu.
func joinsBracket(base string) bool { return base == "(" || base == "[" }

// gap reports white space before token i.
func (w *work) gap(i int) bool { return w.r.Tokens[i-1].Span.To < w.r.Tokens[i].Span.From }

// isNominal reports what a noun can be joined to.
func isNominal(p voc.POS) bool {
	return p.IsNoun() || p == voc.NounSuffix || p == voc.NounDependent || p == voc.Placeholder || p == voc.Prefix
}

// inflects reports the parts of speech that conjugate.
func inflects(p voc.POS) bool {
	switch p {
	case voc.Verb, voc.VerbDependent, voc.VerbSuffix, voc.Adjective, voc.AdjDependent, voc.Auxiliary:
		return true
	default:
		return false
	}
}

// attaches reports whether a dependent verb or adjective belongs to what
// stands right before it.
func attaches(prev, tok *voc.Token) bool {
	switch p := prev.POS; {
	case p == voc.ParticleConj:
		return prev.Base != "と" // 〜とよい is two
	case inflects(p), p == voc.NounVerbal, p == voc.NounAdj, p == voc.NounSuffix, p == voc.NounDependent:
		return true
	case p == voc.ParticleTopic || p == voc.ParticleAdverb:
		return true
	case p.IsNoun():
		return tok.POS != voc.VerbDependent || isPoliteVerb(tok.Base)
	default:
		return p == voc.ParticleCase && prev.Base == "で" && tok.POS == voc.VerbDependent
	}
}

// isLightVerb reports the verbs that make a verb of a noun right before them.
func isLightVerb(base string) bool {
	switch base {
	case "する", "できる", "出来る", "致す", "いたす", "なさる", "為さる", "しまう", "ぬ", "せる", "さす", "やる":
		return true
	default:
		return isPoliteVerb(base)
	}
}

// isPoliteVerb reports the light verbs of お〜, ご〜.
func isPoliteVerb(base string) bool {
	switch base {
	case "いただく", "頂く", "いただける", "頂ける", "戴く", "くださる", "下さる", "申し上げる", "もらう", "もらえる", "願う", "願える", "たまわる", "賜る", "頂戴":
		return true
	default:
		return false
	}
}

func (w *work) beginsVerb(i int) bool {
	prev, tok := &w.r.Tokens[i-1], &w.r.Tokens[i]
	if w.gap(i) {
		return true
	}
	switch {
	case isLightVerb(tok.Base):
		switch prev.POS {
		case voc.NounVerbal, voc.NounAdj, voc.NounSuffix, voc.Noun, voc.Adverb, voc.NounCounter, voc.NounProper, voc.NounOrg:
			return prev.POS == voc.NounCounter || prev.POS == voc.Adverb && !w.mimetic(i-1)
		case voc.Verb: // お待ちいただく, お届けする
			return prev.Inflection != voc.Continuative
		case voc.ParticleConj: // 直していただけない
			return !isPoliteVerb(tok.Base)
		default:
			return true
		}
	case tok.Base == "ある" || tok.Base == "ござる":
		return !w.copular(i - 1)
	case tok.Base == "なる" || tok.Base == "いる":
		return prev.POS != voc.ParticleConj || tok.Base == "なる"
	case w.compound(i):
		return false
	case tok.Base == "しれる": // かもしれない
		return prev.POS != voc.ParticleAdverb && prev.POS != voc.ParticleTopic
	default:
		return true
	}
}

// compound reports that token i joins to a verb right before it that is cut to
// its stem (飼い猫, 巻き起こる).
func (w *work) compound(i int) bool {
	prev := &w.r.Tokens[i-1]
	return prev.POS == voc.Verb && prev.Inflection == voc.Continuative && !isLightVerb(prev.Base) && !w.gap(i) &&
		prev.Span.Len() >= 2*3 && // one kana alone (し, い, み) is a verb of its own
		(i < 2 || w.r.Tokens[i-2].POS != voc.ParticleCase) // and so is one with an argument
}

// copular reports whether token i ends で or では of である.
func (w *work) copular(i int) bool {
	t := &w.r.Tokens[i]
	if t.POS == voc.ParticleTopic && i > 0 {
		t = &w.r.Tokens[i-1]
	}
	return t.POS == voc.Auxiliary && t.Base == "だ" && t.Inflection == voc.Continuative
}

// mimetic reports an adverb that する makes a verb of: one of four kana and more
// (はっきり, のんびり), not an adverb of degree.
func (w *work) mimetic(i int) bool {
	t := &w.r.Tokens[i]
	return len(t.Base) >= 4*3 && w.kinds[i]&(intensifier|softener) == 0 && t.Base[len(t.Base)-3:] != "に"
}

func (w *work) beginsAdjective(i int) bool {
	prev, tok := &w.r.Tokens[i-1], &w.r.Tokens[i]
	if tok.Base != "ない" || w.gap(i) {
		return true
	}
	if prev.Base == "じゃ" { // 問題じゃない
		return false
	}
	if prev.POS == voc.ParticleTopic && i >= 2 { // 高くはない
		prev = &w.r.Tokens[i-2]
		return prev.POS != voc.Adjective && !w.copular(i-1)
	}
	stem := prev.POS == voc.NounAdj || prev.POS == voc.Adjective && prev.Inflection == voc.Continuative
	return !stem && !w.copular(i-1)
}

func (w *work) beginsNoun(from, i int) bool {
	prev, tok := &w.r.Tokens[i-1], &w.r.Tokens[i]
	switch tok.POS {
	case voc.NounSuffix, voc.NounCounter:
		return w.gap(i) || prev.POS == voc.ParticleCase || prev.POS == voc.ParticleTopic
	case voc.NounDependent:
		return w.beginsDependent(i)
	case voc.Prefix:
		if !isNominal(prev.POS) || w.gap(i) || w.kinds[i]&honorific != 0 && prev.POS != voc.Prefix {
			return true
		}
	default:
	}
	switch {
	case w.kinds[i-1]&bullet != 0 && i-1 == from:
		return false
	case prev.POS == voc.Symbol:
		return w.gap(i) && !latin(tok.Base) || i-1 > from && !isNominal(w.r.Tokens[i-2].POS)
	case w.compound(i) && tok.POS.IsNoun() && tok.POS != voc.NounAdverbial && tok.POS != voc.NounPronoun:
		return false
	case !isNominal(prev.POS) || prev.POS == voc.Placeholder:
		return true
	case w.gap(i):
		return !latin(tok.Base) || !latin(prev.Base)
	case prev.POS == voc.NounDependent:
		return true
	case prev.POS == voc.NounPronoun:
		return w.kinds[i]&relational == 0
	case tok.POS == voc.NounPronoun:
		return prev.POS != voc.Prefix
	case w.kinds[i-1]&adverbial != 0:
		return w.kinds[i]&(relational|adverbial) == 0 && tok.POS != voc.NounNumber
	case prev.POS == voc.NounSuffix && prev.Base == "的", prev.POS == voc.NounAdj && w.kinds[i-1]&intensifier != 0:
		return true
	case prev.POS == voc.NounCounter:
		return w.verbal(i)
	}
	return false
}

// beginsDependent decides こと, もの, ため, よう and their kin.
func (w *work) beginsDependent(i int) bool {
	prev, tok := &w.r.Tokens[i-1], &w.r.Tokens[i]
	switch tok.Base {
	case "の", "ん":
		return false
	case "よう", "そう", "みたい", "ふう", "げ", "さ":
		return prev.POS == voc.ParticleNoun || prev.POS == voc.Adnominal
	}
	return !isNominal(prev.POS) || prev.POS == voc.NounDependent || prev.POS == voc.NounPronoun && w.kinds[i]&relational == 0
}

// verbal reports whether the noun at i is used as a verb: it, or the compound
// that it begins, is followed by a light verb.
func (w *work) verbal(i int) bool {
	for k := i; k < len(w.r.Tokens) && k < i+3; k++ {
		t := &w.r.Tokens[k]
		if t.POS == voc.NounVerbal {
			continue
		}
		return k > i && (t.POS == voc.Verb || t.POS == voc.VerbDependent) && isLightVerb(t.Base)
	}
	return false
}

// latin reports a word that begins with an ASCII letter or digit.
func latin(s string) bool {
	return s != "" && (s[0] >= 'a' && s[0] <= 'z' || s[0] >= '0' && s[0] <= '9')
}

// isExistence reports the words of being that close a phrase: である, ではない, かもしれない.
func isExistence(base string) bool {
	switch base {
	case "ない", "ある", "ござる", "しれる":
		return true
	default:
		return false
	}
}

// anatomy finds head and first function token of b.
func (w *work) anatomy(b *voc.Bunsetsu) {
	b.Head, b.Func = -1, b.ToToken
	spare := -1
	for i := b.FromToken; i < b.ToToken; i++ {
		t := &w.r.Tokens[i]
		switch {
		case b.Head >= 0 && (t.POS == voc.Verb && isLightVerb(t.Base) || isExistence(t.Base)), spare >= 0 && b.Head < 0 && isExistence(t.Base):
			b.Func = min(b.Func, i)
		case t.POS.IsContent() || t.POS == voc.Placeholder:
			b.Head, b.Func = i, b.ToToken
		case t.POS == voc.NounNumber || t.POS == voc.NounPronoun || t.POS == voc.NounDependent || t.POS == voc.NounCounter ||
			t.POS == voc.Adnominal || t.POS == voc.Conjunction || t.POS == voc.Interjection || t.POS == voc.Filler ||
			t.POS == voc.NounSuffix || t.POS == voc.OtherPOS || t.POS == voc.VerbDependent || t.POS == voc.AdjDependent:
			if spare < 0 {
				spare = i
			}
		case t.POS == voc.Prefix || t.POS == voc.BracketOpen || t.POS == voc.Symbol:
		case i == b.FromToken && t.Base == "ない": // an absence, see begins
			spare = i
		default:
			if b.Head >= 0 || spare >= 0 {
				b.Func = min(b.Func, i)
			}
		}
	}
	if b.Head < 0 {
		b.Head = spare
	}
}
