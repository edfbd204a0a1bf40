package segment_test

import (
	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/koe-voc/koe/index/segment"
)

// doc is a document in both forms: as package segment wants it, and through zapx
// as bleve's own documents are.
type doc struct {
	id       string
	numbers  *segment.Vocabulary
	words    []word
	keywords []segment.Keyword
	stored   []segment.Stored
}

type word struct {
	text string
	pos  int
}

// own is the form of package segment.
type own struct {
	empty
	id       string
	numbers  *segment.Vocabulary
	words    []segment.Word
	keywords []segment.Keyword
	stored   []segment.Stored
}

func (d *own) ID() string                                   { return d.id }
func (d *own) Words() (*segment.Vocabulary, []segment.Word) { return d.numbers, d.words }
func (d *own) Keywords() []segment.Keyword                  { return d.keywords }
func (d *own) Stored() []segment.Stored                     { return d.stored }
func (d *own) VisitFields(bleve.FieldVisitor)               {}

func (d *doc) own() bleve.Document {
	o := &own{id: d.id, numbers: d.numbers, keywords: d.keywords, stored: d.stored}
	for _, w := range d.words {
		o.words = append(o.words, segment.Word{Number: d.numbers.Number(w.text), Position: uint32(w.pos)}) //nolint:gosec // a test's
	}
	return o
}

// fields is the form of bleve's own documents.
type fields struct {
	empty
	id     string
	fields []*field
}

func (d *fields) ID() string { return d.id }
func (d *fields) VisitFields(v bleve.FieldVisitor) {
	for _, f := range d.fields {
		v(f)
	}
}

func (d *doc) plain() bleve.Document {
	o := &fields{id: d.id}
	add := func(name string, options bleve.FieldIndexingOptions, value []byte) *field {
		f := &field{name: name, options: options, value: value, freqs: bleve.TokenFrequencies{}}
		if options.IsIndexed() {
			f.length = 1
			f.freqs[string(value)] = &bleve.TokenFreq{Term: value}
		}
		o.fields = append(o.fields, f)
		return f
	}
	if len(d.words) > 0 {
		f := add("text", bleve.IndexField|bleve.IncludeTermVectors, nil)
		f.length = len(d.words)
		clear(f.freqs)
		for _, w := range d.words {
			t := f.freqs[w.text]
			if t == nil {
				t = &bleve.TokenFreq{Term: []byte(w.text)}
				f.freqs[w.text] = t
			}
			t.Locations = append(t.Locations, &bleve.TokenLocation{Position: w.pos})
			t.SetFrequency(t.Frequency() + 1)
		}
	}
	for _, k := range d.keywords {
		add(k.Field, bleve.IndexField|bleve.SkipFreqNorm, []byte(k.Value))
	}
	for _, s := range d.stored {
		add(s.Field, bleve.StoreField, s.Value)
	}
	add("_id", bleve.IndexField|bleve.StoreField, []byte(d.id))
	return o
}

// field is a field with everything that bleve asks of one.
type field struct {
	name    string
	options bleve.FieldIndexingOptions
	value   []byte
	freqs   bleve.TokenFrequencies
	length  int
}

func (f *field) Name() string                                     { return f.name }
func (f *field) Value() []byte                                    { return f.value }
func (f *field) ArrayPositions() []uint64                         { return nil }
func (f *field) EncodedFieldType() byte                           { return 't' }
func (f *field) Options() bleve.FieldIndexingOptions              { return f.options }
func (f *field) AnalyzedLength() int                              { return f.length }
func (f *field) AnalyzedTokenFrequencies() bleve.TokenFrequencies { return f.freqs }
func (f *field) NumPlainTextBytes() uint64                        { return 0 }
func (f *field) Analyze()                                         {}

// empty is what no document here has.
type empty struct{}

func (empty) Size() int                                  { return 0 }
func (empty) VisitComposite(bleve.CompositeFieldVisitor) {}
func (empty) HasComposite() bool                         { return false }
func (empty) NumPlainTextBytes() uint64                  { return 0 }
func (empty) AddIDField()                                {}
func (empty) StoredFieldsBytes() uint64                  { return 0 }
func (empty) Indexed() bool                              { return false }
