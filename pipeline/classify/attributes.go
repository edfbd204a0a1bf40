package classify

import (
	"slices"

	"github.com/koe-voc/koe/pipeline/voc"
)

// attributes fills what hangs on a voice from the cues of the clause, and from
// those of the sentence where the clause has none.
func (w *work) attributes(f *facts, v *voc.Voice, by int32) {
	if a := slices.Index(voc.Aspects(), v.Aspect); a >= 0 {
		v.Journey = w.lex.journeys[a]
	}
	if by >= 0 {
		switch m := &w.found[by]; m.kind {
		case matchEvaluation:
			v.Qualities = append(v.Qualities, w.lex.evaluations[m.index].qualities...)
		case matchRule:
			v.Qualities = append(v.Qualities, w.lex.rules[m.index].qualities...)
		default:
		}
	}
	if v.Type == voc.Inquiry {
		v.Kind = w.inquiryKind(f, by)
	} else {
		v.Fulfilment = fulfilment(v.Type)
	}
	for i := range w.found {
		m := &w.found[i]
		if m.kind != matchRule || w.lex.rules[m.index].kind != cueRule {
			continue
		}
		u := &w.lex.rules[m.index]
		if u.when.holds(f.cl.Modality, w.rec.Channel, w.role) {
			attribute(v, u, m.clause == f.at)
		}
	}
	slices.Sort(v.Qualities)
	v.Qualities = slices.Compact(v.Qualities)
}

func attribute(v *voc.Voice, u *rule, here bool) {
	switch u.cue {
	case cuePrior:
		if v.Type != voc.Inquiry && (here || v.Prior == "") {
			v.Prior = u.value
		}
	case cueSource:
		if v.Type != voc.Inquiry && (here || v.PriorFrom == "") {
			v.PriorFrom = u.value
		}
	case cueQuality:
		if here && v.Type != voc.Inquiry {
			v.Qualities = append(v.Qualities, u.value)
		}
	case cueJourney:
		v.Journey = u.value
	case cueFulfilment:
		if v.Type == voc.Praise {
			v.Fulfilment = u.value
		}
	case cueResponse:
		if v.Type == voc.Complaint {
			v.Response = true
		}
	default:
	}
}

func fulfilment(t voc.Type) string {
	switch t {
	case voc.Complaint:
		return "below"
	case voc.Praise:
		return "met"
	default:
	}
	return "unknown"
}

func (w *work) inquiryKind(f *facts, by int32) string {
	if f.mod.Has(voc.Question) || f.ask {
		return "question"
	}
	if by >= 0 && w.found[by].kind == matchProcedure || f.mod&(voc.Wish|voc.Request) != 0 {
		return "request"
	}
	return "question"
}
