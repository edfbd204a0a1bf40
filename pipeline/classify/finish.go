package classify

import (
	"cmp"
	"slices"

	"github.com/koe-voc/koe/pipeline/voc"
)

// finish makes the voices of the record: by the model, or by the rules alone
// where there is none.
func (w *work) finish() {
	if w.lex.voices == nil {
		w.byRules()
	} else {
		w.score()
		w.decide()
	}
	r := w.rec
	order(r.Voices)
	r.Unclassified = slices.DeleteFunc(r.Unclassified, func(u voc.Unclassified) bool { return decided(r.Voices, u.Evidence) })
	slices.SortStableFunc(r.Unclassified, func(a, b voc.Unclassified) int { return cmp.Compare(a.Evidence.From, b.Evidence.From) })
	r.Unclassified = slices.Compact(r.Unclassified)
}

// byRules takes the candidates of the rules, drops duplicates and what is not
// sure enough.
func (w *work) byRules() {
	r := w.rec
	remedy := false
	for i := range w.voices {
		v := &w.voices[i].Voice
		if w.ownError && v.Type == voc.Complaint {
			v.Type, v.Kind, v.Fulfilment, v.Polarity, v.Prior, v.PriorFrom = voc.Inquiry, "question", "", 0, "", ""
		}
		remedy = remedy || v.Type == voc.Expectation && v.Confidence >= sureEnough
	}
	w.settle()
	w.absorb()
	w.promote()
	slices.SortStableFunc(w.voices, func(a, b candidate) int { return cmp.Compare(b.Confidence, a.Confidence) })
	for i := range w.voices {
		v := &w.voices[i].Voice
		if v.Confidence < sureEnough {
			r.Unclassified = append(r.Unclassified, voc.Unclassified{Evidence: v.Evidence, Reason: "confidence"})
			continue
		}
		if slices.ContainsFunc(r.Voices, func(o voc.Voice) bool { return o.Type == v.Type && o.Aspect == v.Aspect }) {
			continue
		}
		if v.Type == voc.Complaint && remedy {
			v.Response = true
		}
		r.Voices = append(r.Voices, *v)
	}
}

// promote makes the surest weak voice of a mail, form or post that has no other
// a voice: who writes one has something to say.
func (w *work) promote() {
	switch w.rec.Channel {
	case voc.ChannelMail, voc.ChannelForm, voc.ChannelSNS:
	default:
		return
	}
	best := -1
	for i := range w.voices {
		c := w.voices[i].Confidence
		if c >= sureEnough {
			return
		}
		if c >= weakest && (best < 0 || c > w.voices[best].Confidence) {
			best = i
		}
	}
	if best >= 0 {
		w.voices[best].Confidence = sureEnough
	}
}

// weakest is the confidence of a single small cue.
const weakest = .36

// absorb drops complaints that another of the same sentence takes in, as the
// taxonomy says: a defect that injures is only safety.
func (w *work) absorb() {
	for i := range w.voices {
		c := &w.voices[i]
		c.taken = slices.ContainsFunc(w.voices, func(o candidate) bool {
			return o.sentence == c.sentence && o.Type == voc.Complaint && c.Type == voc.Complaint && o.Confidence >= sureEnough &&
				slices.Contains(w.lex.absorbs(o.Aspect), string(c.Aspect))
		})
	}
	w.voices = slices.DeleteFunc(w.voices, func(c candidate) bool { return c.taken })
}

// settle gives voices that do not say what they are about to one that does: of
// the same type it takes them in, of another it lends them its aspect.
func (w *work) settle() {
	kept := w.voices[:0]
	for i := range w.voices {
		c := w.voices[i]
		if c.generic {
			near := -1
			same := false
			for k := range w.voices {
				o := &w.voices[k]
				if o.generic || o.Confidence < sureEnough {
					continue
				}
				same = same || o.Type == c.Type
				if k < i || near < 0 {
					near = k
				}
			}
			if same {
				continue
			}
			if near >= 0 {
				o := &w.voices[near]
				c.Aspect, c.Sub, c.TouchPoint, c.Target, c.Journey = o.Aspect, o.Sub, o.TouchPoint, o.Target, o.Journey
			}
		}
		kept = append(kept, c)
	}
	w.voices = kept
}

// decided reports whether a voice that is sure enough stands where s does: what
// else the words might have meant is then not open.
func decided(voices []voc.Voice, s voc.Span) bool {
	return slices.ContainsFunc(voices, func(v voc.Voice) bool {
		return v.Confidence >= sureEnough && v.Evidence.From < s.To && s.From < v.Evidence.To
	})
}

// flags adds the risks and signals of the sentence. A condition on modality is
// asked of the clause in which the pattern ends.
func (w *work) flags(clauses []voc.Clause) {
	for i := range w.found {
		m := &w.found[i]
		if m.kind != matchRule || w.lex.rules[m.index].kind != riskRule {
			continue
		}
		u := &w.lex.rules[m.index]
		if m.clause < 0 || m.neg || !u.when.holds(clauses[m.clause].Modality, w.rec.Channel, w.role) {
			continue
		}
		list := &w.rec.Risks
		if u.signal {
			list = &w.rec.Signals
		}
		if slices.ContainsFunc(*list, func(f voc.Flag) bool { return f.Name == u.value }) {
			continue
		}
		span := voc.Span{From: w.rec.Tokens[m.from].Span.From, To: w.rec.Tokens[m.to-1].Span.To}
		*list = append(*list, voc.Flag{Name: u.value, Evidence: span, Rule: u.id})
	}
}
