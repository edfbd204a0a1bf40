package classify

import (
	"github.com/koe-voc/koe/pipeline/voc"
)

// fallback gives a sentence without clauses as one or more.
func fallback(out []voc.Clause, r *voc.Record, i int) []voc.Clause {
	s := &r.Sentences[i]
	from := s.FromToken
	add := func(to int) {
		if to > from {
			c := voc.Clause{Sentence: i, Span: voc.Span{From: r.Tokens[from].Span.From, To: r.Tokens[to-1].Span.To}, FromToken: from, ToToken: to, Predicate: -1}
			c.Modality = guess(r.Tokens[from:to])
			out = append(out, c)
			from = to
		}
	}
	for k := s.FromToken; k < s.ToToken; k++ {
		t := &r.Tokens[k]
		next := k + 1
		if t.POS == voc.ParticleConj && t.Base != "て" && t.Base != "で" && k > from {
			if next < s.ToToken && r.Tokens[next].POS == voc.Comma {
				next++
			}
			add(next)
		} else if t.POS == voc.Comma && k > from && !r.Tokens[k-1].POS.IsParticle() && !r.Tokens[k-1].POS.IsNoun() {
			add(next)
		} else if t.Base == "て" && next < s.ToToken && r.Tokens[next].POS == voc.Comma {
			add(next + 1)
		}
	}
	add(s.ToToken)
	return out
}

func guess(ts []voc.Token) voc.Modality {
	var m voc.Modality
	n := len(ts)
	for n > 0 && (ts[n-1].POS == voc.Period || ts[n-1].POS == voc.Comma) {
		if ts[n-1].Base == "?" || ts[n-1].Base == "？" {
			m |= voc.Question
		}
		n--
	}
	for i := range ts {
		t := &ts[i]
		switch t.Base {
		case "ほしい", "欲しい", "たい", "希望", "要望":
			m |= voc.Wish
		case "下さる", "くださる", "お願い", "ちょうだい", "頂戴":
			m |= voc.Request
		case "いただける", "もらえる", "頂ける":
			m |= voc.Request
		case "べき":
			m |= voc.Suggestion
		case "ない", "ん", "ず", "ぬ":
			m ^= voc.Negated
		case "ば", "たら", "なら":
			m |= voc.Condition
		case "た":
			m |= voc.Past
		case "のに", "が", "けど", "けれども", "けれど":
			if t.POS == voc.ParticleConj {
				m |= voc.Concessive
			}
		}
		if t.Inflection == voc.Imperative {
			m |= voc.Request
		}
	}
	if n > 0 && ts[n-1].Base == "か" {
		m |= voc.Question
	}
	return m
}
