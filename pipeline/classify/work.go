package classify

import "github.com/koe-voc/koe/pipeline/voc"

// work is the state of one Apply. It is reused and holds nothing of a record
// between two.
type work struct {
	lex   *lexicon
	rec   *voc.Record
	scan  scanner
	found []match // of the sentence

	clauseAt int

	sentenceAt int
	first      bool  // sentence of its segment
	served     bool  // a clause of the sentence tells of a service done
	asksAt     int32 // last clause of the sentence that asks, −1
	segment    int   // of the sentence before, −1 at the start
	role       voc.Role
	topic      topic
	asked      topic // by the form's question
	askedFor   voc.Type
	askedBy    int32 // rule of the cue
	silent     bool  // the segment or record says nothing
	ownError   bool

	whole  sentenceFacts
	voices []candidate
	kept   []match // of all sentences, for what is said of a voice in the end
	states []state // by sentence that has units
	units  []unit  // clauses that may hold voices
	local  bag     // of all units, what each says by itself

	contents []content // content words of all units and questions
	concepts []content // concepts of all units
	meant    []match   // concepts of the sentence
	question [2]int32  // content words of the form's question, in contents

	scores
	pairs  pairs
	counts [4][nAspects]tallied // of voices, by type and aspect
	single []voc.Clause
	all    []voc.Clause // of the sentence
}

// topic is what has been talked about: a weight for each aspect, and the term
// that last stood for it.
type topic struct {
	weight [nAspects]float32
	term   [nAspects]int32 // index of the aspect term + 1
}

func (t *topic) fade(by float32) {
	for i := range t.weight {
		t.weight[i] *= by
	}
}

// tallied is how many candidates there are of one pair, and how sure the
// surest is.
type tallied struct {
	n    int
	best float64
}

// state is what a sentence was read with, so that a voice can be made of one of
// its clauses when the whole record has been read.
type state struct {
	found        [2]int32 // in work.kept
	sentence     int
	segment      int
	role         voc.Role
	whole        sentenceFacts
	topic, asked topic
	served       bool
}

// candidate is a voice before duplicates are dropped.
type candidate struct {
	voc.Voice
	unit     int // of work.units, that of its clause
	sentence int
	generic  bool // nothing in the sentence says what it is about
	taken    bool // by another voice of the sentence
}

// sentenceFacts are what cues say of a whole sentence.
type sentenceFacts struct {
	label   voc.Type
	labelAt int32 // token of the label
	void    bool
	improve bool
	ask     bool
	others  bool
	concede int32 // last clause that is conceded, −1
}

func (w *work) begin(lex *lexicon, r *voc.Record) {
	w.lex, w.rec = lex, r
	w.segment, w.clauseAt = -1, 0
	w.topic, w.asked = topic{}, topic{}
	w.silent, w.ownError = false, false
	w.askedFor = ""
	w.voices, w.kept, w.states, w.units = w.voices[:0], w.kept[:0], w.states[:0], w.units[:0]
	w.local, w.contents, w.concepts, w.question = w.local[:0], w.contents[:0], w.concepts[:0], [2]int32{}
	w.single = nil
	w.counts = [4][nAspects]tallied{}
	r.Voices, r.Risks, r.Signals, r.Mentions, r.Unclassified = nil, nil, nil, nil, nil
}

func (w *work) release() {
	w.lex, w.rec, w.all, w.single = nil, nil, nil, nil
	clear(w.units) // they point into the record
}

// sentence looks at sentence i.
func (w *work) sentence(i int) {
	s := &w.rec.Sentences[i]
	w.sentenceAt = i
	w.first = i == 0 || w.rec.Sentences[i-1].Segment != s.Segment
	clauses := w.clausesOf(i)
	if s.FromToken == s.ToToken || w.silent && s.Segment == w.segment {
		return
	}
	role := w.rec.Segments[s.Segment].Role
	if s.Segment != w.segment {
		w.enter(s.Segment, role)
	}
	if role != voc.PartQuestion && !role.Voiced() {
		return
	}
	w.scan.scan(w.lex.words, w.rec, s.FromToken, s.ToToken)
	w.matches(s.FromToken)
	w.own(clauses)
	if role == voc.PartQuestion {
		w.content(s.FromToken, s.ToToken)
		w.question[1] = int32(len(w.contents))
		w.ask()
		return
	}
	w.all = clauses
	w.cues()
	if w.silent {
		return
	}
	w.asksAt, w.served = -1, false
	for k := range clauses {
		w.served = w.served || clauses[k].Modality.Has(voc.Benefactive)
		if clauses[k].Modality.Has(voc.Question) {
			w.asksAt = int32(k)
		}
	}
	for k := range clauses {
		f, n := w.facts(clauses, k), len(w.voices)
		w.clause(s, clauses, f)
		w.gather(clauses, k, f, n)
	}
	w.keep()
	w.flags(clauses)
	w.mentions(s)
	w.jan(s)
	w.carry()
}

// keep remembers what the sentence was read with.
func (w *work) keep() {
	n := int32(len(w.kept))
	w.kept = append(w.kept, w.found...)
	w.states = append(w.states, state{[2]int32{n, int32(len(w.kept))}, w.sentenceAt, w.segment, w.role, w.whole, w.topic, w.asked, w.served})
}

// recall puts back what the sentence of unit u was read with.
func (w *work) recall(u *unit) {
	s := &w.states[u.state]
	w.found = append(w.found[:0], w.kept[s.found[0]:s.found[1]]...) // a copy: the next record writes into found
	w.sentenceAt, w.segment, w.role, w.whole, w.topic, w.asked, w.served = s.sentence, s.segment, s.role, s.whole, s.topic, s.asked, s.served
}

// clausesOf returns the clauses of sentence i, or the sentence as one.
func (w *work) clausesOf(i int) []voc.Clause {
	all := w.rec.Clauses
	for w.clauseAt < len(all) && all[w.clauseAt].Sentence < i {
		w.clauseAt++
	}
	from := w.clauseAt
	for w.clauseAt < len(all) && all[w.clauseAt].Sentence == i {
		w.clauseAt++
	}
	if from < w.clauseAt {
		return all[from:w.clauseAt]
	}
	n := len(w.single)
	w.single = whole(w.single, w.rec, i)
	return w.single[n:]
}

// enter begins a segment.
func (w *work) enter(segment int, role voc.Role) {
	w.segment, w.role, w.silent = segment, role, false
	switch role {
	case voc.PartQuestion:
		w.question = [2]int32{int32(len(w.contents)), int32(len(w.contents))}
		w.asked = topic{}
		w.askedFor = ""
		w.topic = topic{}
	case voc.CustomerTurn:
		w.topic.fade(.7)
	case voc.PartAnswer:
	default:
		w.question = [2]int32{}
		if role.Voiced() {
			w.topic = topic{}
		}
	}
}

// ask takes the aspects that a form's question names as context.
func (w *work) ask() {
	for i := range w.found {
		if m := &w.found[i]; m.kind == matchAspect {
			a := &w.lex.aspects[m.index]
			w.asked.weight[a.aspect] += .5 * a.weight
		} else if m.kind == matchRule && w.lex.rules[m.index].cue == cueAsked && w.lex.rules[m.index].kind == cueRule {
			w.askedFor, w.askedBy = voc.Type(w.lex.rules[m.index].value), m.index
		}
	}
}

// carry keeps what the sentence was about for the next one.
func (w *work) carry() {
	w.topic.fade(.5)
	for i := range w.found {
		if m := &w.found[i]; m.kind == matchAspect {
			a := &w.lex.aspects[m.index]
			w.topic.weight[a.aspect] += .4 * a.weight
			w.topic.term[a.aspect] = m.index + 1
		}
	}
}

// cues reads what the sentence's cues say of all of it.
func (w *work) cues() {
	w.whole = sentenceFacts{labelAt: -1, concede: -1}
	for i := range w.found {
		m := &w.found[i]
		if m.kind != matchRule {
			continue
		}
		u := &w.lex.rules[m.index]
		if u.kind != cueRule || !oneOf(u.when.channels, w.rec.Channel) || !oneOf(u.when.roles, w.role) {
			continue
		}
		switch u.cue {
		case cueLabel:
			if m.from > w.whole.labelAt {
				w.whole.label, w.whole.labelAt = voc.Type(u.value), m.from
			}
		case cueConcede:
			if m.clause >= 0 && u.when.holds(w.all[m.clause].Modality, w.rec.Channel, w.role) {
				w.whole.concede = max(w.whole.concede, m.clause)
			}
		case cueVoid:
			w.whole.void = true
		case cueNone:
			w.silent = w.silent || w.covers(m)
		case cueAutomatic:
			w.silent = true
		case cueImprove:
			w.whole.improve = true
		case cueAsk:
			w.whole.ask = true
		case cueOthers:
			w.whole.others = true
		case cueOwnError:
			w.ownError = true
		default:
		}
	}
}

// slack is how many words of meaning a negative answer of several words may
// have around it (改善点は特にありません); one word alone has none.
const slack = 2

// covers reports whether m is about all that the segment says.
func (w *work) covers(m *match) bool {
	seg := w.rec.Segments[w.segment].Span
	n := 0
	for i := int(m.from) - 1; i >= 0 && w.rec.Tokens[i].Span.From >= seg.From; i-- {
		if w.rec.Tokens[i].POS.IsContent() {
			n++
		}
	}
	for i := int(m.to); i < len(w.rec.Tokens) && w.rec.Tokens[i].Span.To <= seg.To && n <= slack; i++ {
		if w.rec.Tokens[i].POS.IsContent() {
			n++
		}
	}
	return n == 0 || n <= slack && m.to-m.from > 1
}

// whole gives a sentence without clauses as one.
func whole(out []voc.Clause, r *voc.Record, i int) []voc.Clause {
	s := &r.Sentences[i]
	if s.FromToken == s.ToToken {
		return out
	}
	span := voc.Span{From: r.Tokens[s.FromToken].Span.From, To: r.Tokens[s.ToToken-1].Span.To}
	return append(out, voc.Clause{Sentence: i, Span: span, FromToken: s.FromToken, ToToken: s.ToToken, Predicate: -1})
}
