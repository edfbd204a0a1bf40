package chunk

import "github.com/koe-voc/koe/pipeline/voc"

// reported tells what the words after bunsetsu b make of what it ends: said by
// the customer to the operator, or by somebody else to the customer.
func (w *work) reported(b, to int) voc.Modality {
	if b+1 >= to {
		if w.notes && w.phrases[b].rel == quote {
			return voc.Report // 〜と。
		}
		return 0
	}
	if w.phrases[b].rel == toNominal && w.endsWith(b, "と", "の") {
		return voc.Report // とのこと, とのご要望
	}
	if w.phrases[b].rel != quote {
		return 0
	}
	for c := b + 1; c < min(to, b+4); c++ {
		k, said := w.sayer(c)
		switch {
		case k&hearing != 0, w.told(c) && (!w.notes || w.ago(c)), said && w.denied(c):
			return voc.Hearsay
		case said && w.notes:
			return voc.Report
		case said:
			return voc.Hearsay
		}
		if w.phrases[c].predicate {
			return 0
		}
	}
	return 0
}

// sayer returns the kinds of the head of bunsetsu c, and whether it is a verb
// of saying.
func (w *work) sayer(c int) (k kinds, said bool) {
	h := w.r.Bunsetsu[c].Head
	if h < 0 {
		return 0, false
	}
	return w.kinds[h], w.kinds[h]&(reporting|feeling) != 0 || w.notes && w.kinds[h]&wishing != 0
}

// told reports that bunsetsu c says that something was said to the customer: the
// passive of a verb of saying or explaining (言われた, 説明された).
func (w *work) told(c int) bool {
	return w.passive(c) && w.kindsOf(c)&(reporting|acting) != 0
}

// ago reports a past, denied a negated predicate in bunsetsu c.
func (w *work) ago(c int) bool    { return w.auxiliary(c, "た") }
func (w *work) denied(c int) bool { return w.auxiliary(c, "ない") || w.auxiliary(c, "ん") }

func (w *work) auxiliary(c int, base string) bool {
	b := &w.r.Bunsetsu[c]
	for i := b.FromToken; i < b.ToToken; i++ {
		if t := &w.r.Tokens[i]; t.POS == voc.Auxiliary && t.Base == base {
			return true
		}
	}
	return false
}

// passive reports れる, られる in bunsetsu c.
func (w *work) passive(c int) bool {
	b := &w.r.Bunsetsu[c]
	for i := b.FromToken; i < b.ToToken; i++ {
		if t := &w.r.Tokens[i]; t.POS == voc.VerbSuffix && (t.Base == "れる" || t.Base == "られる") {
			return true
		}
	}
	return false
}

// endsWith reports whether bunsetsu b ends, but for signs, with two words.
func (w *work) endsWith(b int, first, second string) bool {
	i := int(w.phrases[b].last)
	return i > 0 && w.r.Tokens[i].Base == second && w.r.Tokens[i-1].Base == first
}

// speech reports that bunsetsu b is the verb of saying itself, without words of
// its own before it.
func (w *work) speech(b, to int) bool {
	if b >= to {
		return false
	}
	k, said := w.sayer(b)
	return (said || k&hearing != 0) && !w.passive(b) || w.formal(b)
}
