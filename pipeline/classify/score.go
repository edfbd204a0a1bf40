package classify

import (
	"slices"

	"github.com/koe-voc/koe/pipeline/model"
	"github.com/koe-voc/koe/pipeline/voc"
)

// The heads of the clause model by their place in [Heads].
const (
	HeadType = iota
	HeadAspect
	HeadRisk
	HeadSignal
)

// ModelFile is the dictionary file that holds the clause model.
const ModelFile = "voices.model"

// Heads lists the questions of the clause model.
func Heads() []model.Head {
	return []model.Head{
		HeadType:   {Name: "type", Classes: stringsOf(voc.Types())},
		HeadAspect: {Name: "aspect", Classes: stringsOf(voc.Aspects()), Softmax: true},
		HeadRisk:   {Name: "risk", Classes: voc.Risks()},
		HeadSignal: {Name: "signal", Classes: voc.Signals()},
	}
}

// AttributesFile is the dictionary file that holds the model of what hangs on a
// voice.
const AttributesFile = "attributes.model"

// The heads of the model of attributes by their place in [AttributeHeads].
const (
	HeadTouchPoint = iota
	HeadPrior
	HeadAbove
	HeadResponse
	HeadKind
)

// AttributeHeads lists the questions of the model of attributes, asked of a
// voice: the class "none" of prior stands first.
func (t *Taxonomy) AttributeHeads() []model.Head {
	return []model.Head{
		HeadTouchPoint: {Name: "touchpoint", Classes: ids(t.TouchPoints), Softmax: true},
		HeadPrior:      {Name: "prior", Classes: append([]string{"none"}, ids(t.Priors)...), Softmax: true},
		HeadAbove:      {Name: "above", Classes: []string{"above"}},
		HeadResponse:   {Name: "response", Classes: []string{"response"}},
		HeadKind:       {Name: "kind", Classes: []string{"request"}},
	}
}

// AttributeTraining is how the model of attributes is trained, with penalties
// chosen as those of [Training].
func (t *Taxonomy) AttributeTraining() model.Options {
	return model.Options{Heads: t.AttributeHeads(), Loose: []float64{.3, .3, .3, .3, .3}, Seldom: 2}
}

// RecordFile is the dictionary file that holds the model of whole records.
const RecordFile = "record.model"

// The heads of the model of whole records by their place in [RecordHeads].
const (
	HeadPair = iota
	HeadRecordRisk
	HeadRecordSignal
)

// RecordHeads lists the questions of the model of whole records. The classes of
// the first are by type, then by aspect.
func RecordHeads() []model.Head {
	var pairs []string
	for _, t := range voc.Types() {
		for _, a := range voc.Aspects() {
			pairs = append(pairs, string(t)+"/"+string(a))
		}
	}
	return []model.Head{
		HeadPair:         {Name: "pair", Classes: pairs, Even: true},
		HeadRecordRisk:   {Name: "risk", Classes: voc.Risks(), Even: true},
		HeadRecordSignal: {Name: "signal", Classes: voc.Signals(), Even: true},
	}
}

// RecordTraining is how the model of whole records is trained, with a penalty
// chosen as those of [Training].
func RecordTraining() model.Options {
	return model.Options{Heads: RecordHeads(), Loose: []float64{.5, 1, 1}, Seldom: 2}
}

// Training is how the clause model is trained. The penalties and the rarest
// feature were chosen on the tune part of the gold corpus.
func Training() model.Options {
	return model.Options{Heads: Heads(), Loose: []float64{.2, .3, 1, 1}, Seldom: 2}
}

// around appends to facts those that a unit takes from the clauses before and after
// it in its segment, and from the form's question that it answers.
func (w *work) around(facts bag, k int) bag {
	u, b := &w.units[k], &facts
	before, after := k > 0 && w.units[k-1].segment == u.segment, k+1 < len(w.units) && w.units[k+1].segment == u.segment
	place := uint32(1)
	if before {
		place |= 2
		w.neighbour(b, &w.units[k-1], kindBeforeConcept, kindBeforeModality, kindBeforeVoice)
	}
	if after {
		place |= 4
		w.neighbour(b, &w.units[k+1], kindAfterConcept, kindAfterModality, kindAfterVoice)
	}
	b.add(kindPlace, place)
	b.add(kindPlace, 8+uint32(min(len(w.units), 8)))
	for _, x := range w.contents[u.asked[0]:u.asked[1]] {
		b.add(kindQuestionWord, x.word)
	}
	return facts
}

func (w *work) neighbour(b *bag, u *unit, concept, modality, voice kind) {
	for _, x := range w.concepts[u.concepts[0]:u.concepts[1]] {
		b.add(concept, x.word)
	}
	for bit := range 20 {
		if u.modality>>bit&1 != 0 {
			b.add(modality, uint32(bit)+1)
		}
	}
	for t := range 4 {
		if u.types>>t&1 != 0 {
			b.add(voice, uint32(t)+1)
		}
	}
}

// recordFacts appends to facts those that all units of the record have in
// common.
func (w *work) recordFacts(facts bag) bag {
	b := &facts
	for _, x := range w.contents {
		b.add(kindRecordWord, x.word)
	}
	for _, x := range w.concepts {
		b.add(kindRecordConcept, x.word)
	}
	for i := range w.voices {
		v := &w.voices[i]
		if v.Confidence >= sureEnough {
			b.add(kindRecordType, uint32(typeIndex(v.Type))+1)
			b.add(kindRecordAspect, uint32(aspectOf(v.Aspect))+1)
		}
	}
	return facts
}

// scores is what the models make of the record, and what that takes.
type scores struct {
	probability []float32 // by unit, the columns of the clause model
	sums        []int32   // by unit, what the models of a clause add up to
	overall     []float32 // of the model of whole records
	answer      []float32 // of the model of attributes

	bag     bag
	hashed  []model.Feature
	common  []int32 // sum of what all units have in common
	sum     []int32 // of the record, then of a voice
	rows    []int32 // of the unit
	gist    []int32 // rows of what the clauses of the record say by themselves
	inUnit  rowSet  // rows of the unit
	inWhole rowSet  // rows of the record
}

// rowSet is a set of rows, a bit each: small enough to stay in the processor's
// nearest memory.
type rowSet []uint64

// fresh keeps of rows those that are not in the set, and puts them into it.
func (s rowSet) fresh(rows []int32) []int32 {
	kept := rows[:0]
	for _, r := range rows {
		if bit := uint64(1) << (r & 63); s[r>>6]&bit == 0 {
			s[r>>6] |= bit
			kept = append(kept, r)
		}
	}
	return kept
}

// forget takes rows out of the set.
func (s rowSet) forget(rows []int32) {
	for _, r := range rows {
		s[r>>6] = 0
	}
}

// features turns facts into what a model reads.
func (s *scores) features(facts []fact) []model.Feature {
	s.hashed = s.hashed[:0]
	for _, f := range facts {
		s.hashed = append(s.hashed, f.feature())
	}
	return s.hashed
}

func (s *scores) begin(t *model.Table) {
	if n := t.Rows()/64 + 1; len(s.inUnit) != n {
		s.inUnit, s.inWhole = make(rowSet, n), make(rowSet, n)
	}
	s.probability, s.sums, s.gist = s.probability[:0], s.sums[:0], s.gist[:0]
	s.common, s.sum = zeros(s.common, t.Columns(ofClause)), zeros(s.sum, t.Columns(ofRecord))
}

// score sets the probabilities of the clause model by unit, and those of the
// model of whole records: the facts of a record are those that any of its
// clauses says by itself.
func (w *work) score() {
	t := w.lex.models
	w.scores.begin(t)
	w.bag = w.recordFacts(w.bag[:0])
	w.rows = w.inUnit.fresh(t.Find(w.rows[:0], w.features(w.bag)))
	t.Add(w.common, ofClause, w.rows)
	w.inUnit.forget(w.rows)
	n, columns := len(w.common), w.lex.voices.Columns()
	w.probability = slices.Grow(w.probability, len(w.units)*columns)[:len(w.units)*columns]
	for k := range w.units {
		u := &w.units[k]
		own := t.Find(w.rows[:0], w.features(w.local[u.own:u.local[1]]))
		own = w.inUnit.fresh(own)
		w.bag = append(w.bag[:0], w.local[u.local[0]:u.own]...)
		w.bag = w.around(w.bag, k)
		w.rows = t.Find(own, w.features(w.bag))
		w.rows = w.rows[:len(own)+len(w.inUnit.fresh(w.rows[len(own):]))]
		w.inUnit.forget(w.rows)
		w.sums = append(w.sums, w.common...)
		sum := w.sums[k*n:]
		t.Add(sum, ofClause, w.rows)
		w.lex.voices.Probabilities(w.probability[k*columns:(k+1)*columns], sum)
		from := len(w.gist)
		w.gist = append(w.gist, w.rows[:len(own)]...)
		w.gist = w.gist[:from+len(w.inWhole.fresh(w.gist[from:]))]
	}
	w.inWhole.forget(w.gist)
	t.Add(w.sum, ofRecord, w.gist)
	w.overall = zeros(w.overall, w.lex.record.Columns())
	w.lex.record.Probabilities(w.overall, w.sum)
}

func zeros[T int32 | float32](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// attributeOdds returns the probabilities of the model of attributes for a voice
// of unit k, valid until the next call.
func (w *work) attributeOdds(k, t, a int) []float32 {
	m, n := w.lex.models, len(w.common)
	w.sum = append(w.sum[:0], w.sums[k*n:(k+1)*n]...)
	w.bag = voiceFacts(w.bag[:0], t, a)
	w.rows = m.Find(w.rows[:0], w.features(w.bag))
	m.Add(w.sum, ofClause, w.rows)
	w.answer = zeros(w.answer, w.lex.attributes.Columns())
	w.lex.attributes.Probabilities(w.answer, w.sum)
	return w.answer
}

// voiceFacts appends what the model of attributes knows of a voice beside its
// clause.
func voiceFacts(b bag, t, a int) bag {
	x, y := uint32(t)+1, uint32(a)+1
	return append(b, fact{kind: kindType, a: x}, fact{kind: kindAspect, a: y}, fact{kind: kindTypeAspect, a: x<<8 | y})
}

// VoiceFeatures are those of a clause with the type and aspect of a voice in
// it, as the model of attributes sees it.
func VoiceFeatures(clause []model.Feature, t voc.Type, a voc.Aspect) []model.Feature {
	out := slices.Clone(clause)
	for _, f := range voiceFacts(nil, typeIndex(t), aspectOf(a)) {
		out = append(out, f.feature())
	}
	return out
}

// Observation is a clause that may hold voices, as the models see it.
type Observation struct {
	Span     voc.Span
	Features []model.Feature
	Own      []model.Feature // those of the clause itself, which make up those of a record
}

// Observe runs the rules over a record, as Apply does, and returns the clauses
// that may hold voices with their features: what a model is trained on.
func (c *Classifier) Observe(r *voc.Record) ([]Observation, error) {
	if err := fits(r); err != nil {
		return nil, err
	}
	w := c.free.Get().(*work)
	defer func() {
		w.release()
		c.free.Put(w)
	}()
	w.begin(c.lex, r)
	for i := range r.Sentences {
		w.sentence(i)
	}
	common := w.recordFacts(nil)
	var out []Observation
	for k := range w.units {
		u := &w.units[k]
		facts := append(w.around(slices.Clone(w.local[u.local[0]:u.local[1]]), k), common...)
		o := Observation{Span: u.rules.cl.Span, Features: slices.Clone(w.features(facts))}
		o.Own = slices.Clone(w.features(w.local[u.own:u.local[1]]))
		out = append(out, o)
	}
	return out, nil
}
