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
	return model.Options{Heads: t.AttributeHeads(), Loose: []float64{.3, .3, .3, .3, .3}, Seldom: 2, Faint: .1}
}

// RecordFile is the dictionary file that holds the model of whole records.
const RecordFile = "record.model"

// The heads of the model of whole records by their place in [RecordHeads].
const (
	HeadPair = iota
	HeadRecordRisk
	HeadRecordSignal
	HeadNone
)

// RecordHeads lists the questions of the model of whole records. The classes of
// the first are by type, then by aspect; the last asks whether nothing is said
// at all (声なし).
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
		HeadNone:         {Name: "none", Classes: []string{"none"}, Even: true},
	}
}

// RecordTraining is how the model of whole records is trained, with a penalty
// chosen as those of [Training].
func RecordTraining() model.Options {
	return model.Options{Heads: RecordHeads(), Loose: []float64{.5, 1, 1, 1}, Seldom: 2, Faint: .2}
}

// Training is how the clause model is trained. The penalties, the rarest feature
// and the faintest weight were chosen on the tune part of the gold corpus.
func Training() model.Options {
	return model.Options{Heads: Heads(), Loose: []float64{.2, .3, 1, 1}, Seldom: 2, Faint: .1}
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
	overall     []float32 // of the model of whole records
	answer      []float32 // of the model of attributes

	bag     bag
	hashed  []model.Feature
	rows    []int32 // of all units, what each says by itself and with its neighbours
	shared  []int32 // of what all units have in common
	gist    []int32 // of what any unit says by itself
	unit    []int32 // a sum of the clause model
	common  []int32 // that of shared
	record  []int32 // a sum of the model of whole records
	voice   []int32 // a sum of the model of attributes
	inUnit  rowSet
	inWhole rowSet
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

func (s *scores) begin(lex *lexicon) {
	if n := lex.models.Rows()/64 + 1; len(s.inUnit) != n {
		s.inUnit, s.inWhole = make(rowSet, n), make(rowSet, n)
		s.unit, s.common, s.record, s.voice = lex.voices.Sum(), lex.voices.Sum(), lex.record.Sum(), lex.attributes.Sum()
	}
	s.probability, s.rows, s.gist = s.probability[:0], s.rows[:0], s.gist[:0]
	clear(s.common)
	clear(s.record)
}

// score sets the probabilities of the clause model by unit, and those of the
// model of whole records: the facts of a record are those that any of its
// clauses says by itself.
func (w *work) score() {
	w.scores.begin(w.lex)
	w.bag = w.recordFacts(w.bag[:0])
	w.shared = w.inUnit.fresh(w.lex.models.Find(w.shared[:0], w.features(w.bag)))
	w.inUnit.forget(w.shared)
	w.lex.voices.Add(w.common, w.shared)
	columns := w.lex.voices.Columns()
	w.probability = slices.Grow(w.probability, len(w.units)*columns)[:len(w.units)*columns]
	for k := range w.units {
		w.rowsOf(k)
		copy(w.unit, w.common)
		w.lex.voices.Add(w.unit, w.rows[w.units[k].rows[0]:])
		w.lex.voices.Probabilities(w.probability[k*columns:(k+1)*columns], w.unit)
	}
	w.inWhole.forget(w.gist)
	w.lex.record.Add(w.record, w.lex.record.Known(w.gist))
	w.overall = zeros(w.overall, w.lex.record.Columns())
	w.lex.record.Probabilities(w.overall, w.record)
}

// rowsOf finds the rows of unit k, and puts into gist those of what it says by
// itself.
func (w *work) rowsOf(k int) {
	u, t := &w.units[k], w.lex.models
	from := len(w.rows)
	w.rows = t.Find(w.rows, w.features(w.local[u.own:u.local[1]]))
	w.rows = w.rows[:from+len(w.inUnit.fresh(w.rows[from:]))]
	n := len(w.gist)
	w.gist = append(w.gist, w.rows[from:]...)
	w.gist = w.gist[:n+len(w.inWhole.fresh(w.gist[n:]))]
	n = len(w.rows)
	w.bag = w.around(append(w.bag[:0], w.local[u.local[0]:u.own]...), k)
	w.rows = t.Find(w.rows, w.features(w.bag))
	w.rows = w.rows[:n+len(w.inUnit.fresh(w.rows[n:]))]
	w.inUnit.forget(w.rows[from:])
	u.rows = [2]int32{int32(from), int32(len(w.rows))}
}

func zeros[T int32 | float32](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// attributeOdds returns the probabilities of the model of attributes for a voice
// of unit k, valid until the next call.
func (w *work) attributeOdds(k, t, a int) []float32 {
	m, u := w.lex.attributes, &w.units[k]
	clear(w.voice)
	m.Add(w.voice, w.shared)
	m.Add(w.voice, w.rows[u.rows[0]:u.rows[1]])
	w.bag = voiceFacts(w.bag[:0], t, a)
	end := len(w.rows)
	w.rows = w.lex.models.Find(w.rows, w.features(w.bag))
	m.Add(w.voice, w.rows[end:])
	w.rows = w.rows[:end]
	w.answer = zeros(w.answer, m.Columns())
	m.Probabilities(w.answer, w.voice)
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
