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

// around appends the facts that a unit takes from the clauses before and after
// it in its segment, and from the form's question that it answers.
func (w *work) around(b *bag, k int) {
	u := &w.units[k]
	b.reset()
	before, after := k > 0 && w.units[k-1].segment == u.segment, k+1 < len(w.units) && w.units[k+1].segment == u.segment
	place := uint32(1)
	if before {
		place |= 2
		w.neighbour(b, &w.units[k-1], kindBeforeWord, kindBeforeConcept, kindBeforeModality, kindBeforeVoice)
	}
	if after {
		place |= 4
		w.neighbour(b, &w.units[k+1], kindAfterWord, kindAfterConcept, kindAfterModality, kindAfterVoice)
	}
	b.add(kindPlace, place)
	b.add(kindPlace, 8+uint32(min(len(w.units), 8)))
	for _, x := range w.contents[u.asked[0]:u.asked[1]] {
		b.add(kindQuestionWord, x.word)
	}
}

func (w *work) neighbour(b *bag, u *unit, word, concept, modality, voice kind) {
	for _, x := range w.contents[u.words[0]:u.words[1]] {
		b.add(word, x.word)
	}
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

// whole appends the facts that all units of the record have in common.
func (w *work) recordFacts(b *bag) {
	b.reset()
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
}

// features turns facts into what a model reads.
func (w *work) features(facts []fact) []model.Feature {
	w.hashed = w.hashed[:0]
	for _, f := range facts {
		w.hashed = append(w.hashed, f.feature())
	}
	return w.hashed
}

// attributeOdds returns the probabilities of the model of attributes for a voice of unit
// k, valid until the next call.
func (w *work) attributeOdds(m *model.Model, k int, t, a int) []float32 {
	w.sum = resized(w.sum, m.Columns())
	clear(w.sum)
	u := &w.units[k]
	w.recordFacts(&w.bag)
	m.Add(w.sum, w.features(w.bag.facts))
	m.Add(w.sum, w.features(w.facts1[u.local[0]:u.local[1]]))
	w.around(&w.bag, k)
	m.Add(w.sum, w.features(w.bag.facts))
	m.Add(w.sum, VoiceFeatures(nil, voc.Types()[t], voc.Aspects()[a]))
	w.answer = slices.Grow(w.answer[:0], m.Columns())[:m.Columns()]
	m.Probabilities(w.answer, w.sum, 0)
	return w.answer
}

// scoreRecord sets the probabilities of the model of whole records.
func (w *work) scoreRecord(m *model.Model) {
	w.bag.reset()
	for k := range w.units {
		u := &w.units[k]
		for _, f := range w.facts1[u.own:u.local[1]] {
			w.bag.put(f)
		}
	}
	w.sum = resized(w.sum, m.Columns())
	clear(w.sum)
	known := m.Add(w.sum, w.features(w.bag.facts))
	w.answer = slices.Grow(w.answer[:0], m.Columns())[:m.Columns()]
	m.Probabilities(w.answer, w.sum, known)
}

// score sets the probabilities of the clause model by unit.
func (w *work) score(m *model.Model) {
	w.common = resized(w.common, m.Columns())
	w.sum = resized(w.sum, m.Columns())
	w.recordFacts(&w.bag)
	clear(w.common)
	m.Add(w.common, w.features(w.bag.facts))
	w.probability = w.probability[:0]
	for k := range w.units {
		u := &w.units[k]
		copy(w.sum, w.common)
		m.Add(w.sum, w.features(w.facts1[u.local[0]:u.local[1]]))
		w.around(&w.bag, k)
		m.Add(w.sum, w.features(w.bag.facts))
		n := len(w.probability)
		w.probability = slices.Grow(w.probability, m.Columns())[:n+m.Columns()]
		m.Probabilities(w.probability[n:], w.sum, 0)
	}
}

func resized(s model.Sum, n int) model.Sum { return slices.Grow(s[:0], n)[:n] }

// VoiceFeatures are those of a clause with the type and aspect of a voice in
// it, as the model of attributes sees it.
func VoiceFeatures(clause []model.Feature, t voc.Type, a voc.Aspect) []model.Feature {
	x, y := uint32(typeIndex(t))+1, uint32(aspectOf(a))+1
	return append(slices.Clone(clause), fact{kind: kindType, a: x}.feature(), fact{kind: kindAspect, a: y}.feature(),
		fact{kind: kindTypeAspect, a: x<<8 | y}.feature())
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
	w.recordFacts(&w.bag)
	common := slices.Clone(w.bag.facts)
	var out []Observation
	for k := range w.units {
		u := &w.units[k]
		w.around(&w.bag, k)
		facts := slices.Concat(w.facts1[u.local[0]:u.local[1]], w.bag.facts, common)
		o := Observation{Span: u.rules.cl.Span, Features: slices.Clone(w.features(facts))}
		o.Own = slices.Clone(w.features(w.facts1[u.own:u.local[1]]))
		out = append(out, o)
	}
	return out, nil
}
