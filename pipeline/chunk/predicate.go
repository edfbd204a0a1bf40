package chunk

import "github.com/koe-voc/koe/pipeline/voc"

// emit appends the clause of a stretch, if it has any word, and returns where
// the next one begins.
func (w *work) emit(s stretch) int {
	if s.from >= s.to {
		return s.to
	}
	first, last := &w.r.Bunsetsu[s.from], &w.r.Bunsetsu[s.to-1]
	c := voc.Clause{
		Sentence:  s.sentence,
		FromToken: first.FromToken,
		ToToken:   last.ToToken,
		Span:      voc.Span{From: w.r.Tokens[first.FromToken].Span.From, To: w.r.Tokens[last.ToToken-1].Span.To},
		Predicate: w.predicateOf(s.from, s.to),
	}
	end := s.to - 1
	c.Args = w.arguments(s.from, c.Predicate, end)
	c.Modality = s.given | w.modality(&c, s, end)
	w.regret(&c, s)
	w.r.Clauses = append(w.r.Clauses, c)
	return s.to
}

// regret looks at a past that follows a condition. 〜たら〜たのに tells what did not
// happen; 〜たら〜た and 〜と〜た what did, one thing after the other.
func (w *work) regret(c *voc.Clause, s stretch) {
	n := len(w.r.Clauses)
	if n == 0 || !c.Modality.Has(voc.Past) {
		return
	}
	before := &w.r.Clauses[n-1]
	if before.Sentence != c.Sentence || !before.Modality.Has(voc.Condition) {
		return
	}
	if s.to == w.sentenceEnd && w.lastBase(s.to-1) == "のに" {
		c.Modality = c.Modality&^voc.Concessive | voc.Counterfactual
		before.Modality |= voc.Counterfactual
		return
	}
	if s.from == 0 {
		return // the clause before is a quotation inside of this one
	}
	if b := w.lastBase(s.from - 1); b == "た" || b == "と" || b == "だ" {
		before.Modality &^= voc.Condition
	}
}

// predicateOf returns the bunsetsu of [from, to) that says what the clause is
// about, −1 if it ends with a noun and says nothing. Words that only add a
// manner of saying are passed over: (届く) ことはない, (教えて) ほしいと思う.
func (w *work) predicateOf(from, to int) int {
	b := w.beforeRemark(from, to-1)
	for b > from && !w.phrases[b].predicate && !w.phrases[b].nominal && w.phrases[b].rel != quote {
		b-- // 遅いです、本当に
	}
	if w.phrases[b].nominal && !w.phrases[b].predicate {
		if follows := b > from && (w.reports(b) || w.formal(b) && w.phrases[b-1].predicate); !follows {
			return -1
		}
	}
	for b > from {
		prev := b - 1
		switch {
		case w.reports(b) || w.formal(b) && w.qualifies(prev):
			b = prev
		case !w.empty(b) || w.phrases[prev].closes:
			return w.ifPredicate(b)
		case w.formal(prev) && prev > from && w.qualifies(prev-1):
			b = prev - 1
		case prev > from && w.reports(prev): // してほしいとご要望あり
			b = prev - 1
		case w.leans(prev, b):
			b = prev
		case w.skips(prev) && prev > from && w.leans(prev-1, b):
			b = prev - 1
		default:
			return w.ifPredicate(b)
		}
	}
	return w.ifPredicate(b)
}

// reports reports a noun that との, or と and a word of saying, joins to the
// predicate before it.
func (w *work) reports(b int) bool {
	p := &w.phrases[b-1]
	return p.predicate && !p.closes && !w.phrases[b].predicate &&
		(w.endsWith(b-1, "と", "の") || p.rel == quote && w.kindsOf(b)&(feeling|wishing|reporting) != 0)
}

// beforeRemark passes over a remark in round brackets at the end of a clause.
func (w *work) beforeRemark(from, b int) int {
	i := w.r.Bunsetsu[b].ToToken - 1
	for i > w.r.Bunsetsu[b].FromToken && w.r.Tokens[i].POS == voc.Period {
		i--
	}
	if w.r.Tokens[i].POS != voc.BracketClose || w.r.Tokens[i].Base != ")" {
		return b
	}
	for c := b; c > from; c-- {
		bs := &w.r.Bunsetsu[c]
		for k := bs.FromToken; k < bs.ToToken; k++ {
			if w.r.Tokens[k].Base != "(" {
				continue
			}
			if k == bs.FromToken {
				return c - 1
			}
			return c
		}
	}
	return b
}

func (w *work) ifPredicate(b int) int {
	if w.phrases[b].predicate {
		return b
	}
	return -1
}

// qualifies reports a predicate that a formal noun follows, also with との.
func (w *work) qualifies(b int) bool {
	return w.phrases[b].predicate && (w.phrases[b].rel == toNominal || w.phrases[b].rel == closed)
}

// leans reports a predicate that the one of b completes.
func (w *work) leans(prev, b int) bool {
	p := &w.phrases[prev]
	if !p.predicate {
		return false
	}
	t := &w.r.Tokens[w.r.Bunsetsu[b].Head]
	switch k := w.kindsOf(b); {
	case k&(reporting|hearing) != 0:
		return p.rel == quote
	case p.rel == sequel: // していただきありがとう, but 減って助かる is two
		return t.POS == voc.Interjection || t.Base == "なる" || w.formal(b)
	case p.particle == "に": // 落ちるようになる
		return k&(glad|handy) == 0
	default:
		return p.rel == clauseLink || p.rel == quote || p.rel == closed || p.rel == toPredicate && t.Base == "なる"
	}
}

// skips reports an adverb between a predicate and what completes it.
func (w *work) skips(b int) bool {
	return w.phrases[b].particle == "" && !w.phrases[b].predicate && !w.phrases[b].nominal
}

// empty reports a predicate that is grammar where it follows another: できる, ある,
// ない, いい, 思う and those that the cues name.
func (w *work) empty(b int) bool {
	h := w.r.Bunsetsu[b].Head
	if h < 0 {
		return false
	}
	if w.kindsOf(b)&(glad|handy|reporting|hearing|conceding) != 0 && w.phrases[b].particle == "" {
		return true
	}
	if w.r.Tokens[h].POS == voc.Interjection { // していただきありがとう
		return true
	}
	switch w.r.Tokens[h].Base {
	case "できる", "出来る", "ある", "ない", "無い", "いい", "よい", "良い", "なる", "する", "いける", "いく", "しれる", "思う", "おもう", "考える", "感じる",
		"願う", "存じる", "ほしい", "欲しい", "だめ", "駄目", "ダメ", "大丈夫", "構う", "かまう", "結構", "ござる", "いる", "問題",
		"どう", "いかが":
		return true
	default:
		return w.formal(b)
	}
}

// arguments lists the nouns that depend on the predicate, or on the last
// bunsetsu of the clause. They share one array.
func (w *work) arguments(from, predicate, end int) []voc.Argument {
	target := predicate
	if target < 0 {
		target = end
	}
	n := len(w.args)
	for b := from; b < target; b++ {
		p, link := &w.phrases[b], w.r.Bunsetsu[b].Link
		if link != target && link != end && !w.leadsTo(link, target) {
			continue
		}
		if p.predicate && p.rel != toPredicate && p.rel != topic && p.rel != parallel {
			continue
		}
		if h := w.r.Bunsetsu[b].Head; h < 0 || !isNominal(w.r.Tokens[h].POS) && p.particle == "" {
			continue
		}
		w.args = append(w.args, voc.Argument{Bunsetsu: b, Particle: argument(p.particle)})
	}
	if len(w.args) == n {
		return nil
	}
	return w.args[n:len(w.args):len(w.args)]
}

// leadsTo reports a predicate that て or 連用中止 joins to the target without a
// clause of its own between them (画面が小さくて見づらい).
func (w *work) leadsTo(b, target int) bool {
	for b >= 0 && b < target && w.phrases[b].rel == sequel {
		b = w.r.Bunsetsu[b].Link
	}
	return b == target
}

// argument folds a particle to those that voc.Argument names; の stays for the
// argument of a noun.
func argument(p string) string {
	switch p {
	case "が", "を", "に", "で", "は", "も", "と", "から", "まで", "の", "":
		return p
	case "へ", "について", "に対して", "に関して", "にて":
		return "に"
	case "より":
		return "から"
	case "って", "なら", "こそ", "とは":
		return "は"
	case "や", "か", "とか":
		return "と"
	default:
		return ""
	}
}
