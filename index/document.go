package index

import (
	"strconv"
	"strings"
	"time"

	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/voc"
)

// The fields of a document.
const (
	fieldText = "text"
	fieldDay  = "day"
	fieldSec  = "sec"
	fieldGone = "gone"
	fieldRev  = "rev"
	fieldRec  = "rec"
	fieldPair = "pair"
)

// The gap in positions between two segments of a text: no phrase reaches over.
const segmentGap = 64

// term is a word of the text with its position.
type term struct {
	word string
	pos  int
}

// document is bleve's view of a record. It is pooled: bleve keeps nothing of it
// once a batch has returned.
type document struct {
	id     string
	fields []*field
	used   int
	words  []term
}

func (d *document) reset(id string) {
	d.id, d.used, d.words = id, 0, d.words[:0]
}

func (d *document) next(name string, options bleve.FieldIndexingOptions) *field {
	if d.used == len(d.fields) {
		d.fields = append(d.fields, &field{freqs: bleve.TokenFrequencies{}})
	}
	f := d.fields[d.used]
	d.used++
	f.name, f.options, f.value, f.words = name, options, f.value[:0], nil
	return f
}

const keywordOptions = bleve.IndexField | bleve.SkipFreqNorm

// keyword adds an indexed value; empty ones are left out.
func (d *document) keyword(name, value string) {
	if value != "" {
		f := d.next(name, keywordOptions)
		f.value = append(f.value, value...)
	}
}

func (d *document) stored(name string, value []byte) {
	f := d.next(name, bleve.StoreField)
	f.value = append(f.value, value...)
}

// fill makes the document of a record.
func (d *document) fill(r *voc.Record, loc *time.Location, fold map[string]string, packed []byte) {
	d.reset(r.ID)
	d.text(r, fold)
	if len(d.words) > 0 {
		d.next(fieldText, bleve.IndexField|bleve.IncludeTermVectors).words = d.words
	}
	at := r.OccurredAt.In(loc)
	d.keyword(fieldDay, at.Format(time.DateOnly))
	d.keyword(fieldSec, seconds(at))
	d.keyword("channel", string(r.Channel))
	d.keyword("direction", string(r.Direction))
	d.keyword("source", r.Source)
	d.keyword("product", r.Product)
	d.keyword("shop", r.Shop)
	d.keyword("queue", r.Queue)
	d.keyword("thread", r.ThreadID)
	d.keyword("customer", r.CustomerKey)
	d.keyword("definition", r.Definition)
	if r.NPS != nil {
		d.keyword("nps", strconv.Itoa(*r.NPS))
	}
	if r.CSAT != nil {
		d.keyword("csat", strconv.Itoa(*r.CSAT))
	}
	d.categories(r.Categories)
	for k := range r.Masked {
		d.keyword("masked", k)
	}
	if len(r.Unclassified) > 0 {
		d.keyword("unclassified", "1")
	}
	d.labels(r)
	d.stored(fieldRev, []byte(r.Revision.String()))
	d.stored(fieldRec, packed)
}

// labels adds what hangs on voices, and risks and signals; each value once.
func (d *document) labels(r *voc.Record) {
	seen := map[string]bool{}
	once := func(field, value string) {
		if value == "" || seen[field+"\x00"+value] {
			return
		}
		seen[field+"\x00"+value] = true
		d.keyword(field, value)
	}
	for i := range r.Voices {
		v := &r.Voices[i]
		pair := string(v.Type) + "/" + string(v.Aspect)
		once(fieldPair, pair)
		if v.Sub != "" {
			once("pairsub", pair+"/"+v.Sub)
			once("sub", v.Sub)
		}
		once("prior", v.Prior)
		once("fulfilment", v.Fulfilment)
		once("touchpoint", v.TouchPoint)
	}
	for _, f := range r.Risks {
		once("risk", f.Name)
	}
	for _, f := range r.Signals {
		once("signal", f.Name)
	}
}

// categories adds every beginning of every path: 配送, 配送/遅延.
func (d *document) categories(paths []string) {
	for _, p := range paths {
		for i := range len(p) {
			if p[i] == '/' && i > 0 {
				d.keyword("category", p[:i])
			}
		}
		d.keyword("category", strings.Trim(p, "/"))
	}
}

// text collects the content words. Positions count content words, so that a
// phrase finds 配送が遅い and 配送は遅い alike.
func (d *document) text(r *voc.Record, fold map[string]string) {
	pos, token := 0, 0
	for i := range r.Segments {
		for ; token < len(r.Tokens) && r.Tokens[token].Span.From < r.Segments[i].Span.To; token++ {
			w, ok := morph.Term(r.Tokens[token])
			if !ok {
				continue
			}
			if c, ok := fold[w]; ok {
				w = c
			}
			pos++
			d.words = append(d.words, term{w, pos})
		}
		pos += segmentGap
	}
}

func seconds(t time.Time) string {
	s := strconv.Itoa(t.Hour()*3600 + t.Minute()*60 + t.Second())
	return strings.Repeat("0", 5-len(s)) + s
}

// tombstone makes the document of a deleted record.
func (d *document) tombstone(c voc.Applied) {
	d.reset(c.ID)
	d.keyword(fieldGone, "1")
	if c.Erase {
		d.keyword(fieldGone, goneErase)
	}
	d.stored(fieldRev, []byte(c.Revision.String()))
}

// goneErase is the second value of a tombstone that is still to be erased.
const goneErase = "erase"

// ID is the record's id.
func (d *document) ID() string { return d.id }

// Size is an estimate that bleve asks for its statistics.
func (d *document) Size() int { return 1024 }

// VisitFields calls v for each field.
func (d *document) VisitFields(v bleve.FieldVisitor) {
	for _, f := range d.fields[:d.used] {
		v(f)
	}
}

// VisitComposite does nothing: there are no composite fields.
func (d *document) VisitComposite(bleve.CompositeFieldVisitor) {}

// HasComposite is false.
func (d *document) HasComposite() bool { return false }

// NumPlainTextBytes is not kept.
func (d *document) NumPlainTextBytes() uint64 { return 0 }

// AddIDField adds the field by which bleve knows a document.
func (d *document) AddIDField() {
	f := d.next("_id", bleve.IndexField|bleve.StoreField)
	f.value = append(f.value, d.id...)
}

// StoredFieldsBytes is not kept.
func (d *document) StoredFieldsBytes() uint64 { return 0 }

// Indexed is false: the fields are analysed when bleve asks.
func (d *document) Indexed() bool { return false }

// field is a field of a document: a keyword, a stored value, or the words of
// the text.
type field struct {
	name    string
	options bleve.FieldIndexingOptions
	value   []byte
	words   []term
	freqs   bleve.TokenFrequencies
	one     bleve.TokenFreq
	slots   []bleve.TokenFreq
	places  []bleve.TokenLocation
	length  int
}

// Name is the field's name.
func (f *field) Name() string { return f.name }

// Value is the value of a keyword or stored field.
func (f *field) Value() []byte { return f.value }

// ArrayPositions is nil: the order of values does not matter.
func (f *field) ArrayPositions() []uint64 { return nil }

// EncodedFieldType is text.
func (f *field) EncodedFieldType() byte { return 't' }

// Options tells what bleve does with the field.
func (f *field) Options() bleve.FieldIndexingOptions { return f.options }

// AnalyzedLength is the number of words.
func (f *field) AnalyzedLength() int { return f.length }

// AnalyzedTokenFrequencies are the words with their positions.
func (f *field) AnalyzedTokenFrequencies() bleve.TokenFrequencies { return f.freqs }

// NumPlainTextBytes is not kept.
func (f *field) NumPlainTextBytes() uint64 { return 0 }

// Analyze fills the frequencies from the ready words.
func (f *field) Analyze() {
	clear(f.freqs)
	if f.words == nil {
		f.length = 1
		f.one = bleve.TokenFreq{Term: f.value}
		f.freqs[string(f.value)] = &f.one
		return
	}
	n := len(f.words)
	f.length = n
	if cap(f.slots) < n {
		f.slots, f.places = make([]bleve.TokenFreq, n+n/2), make([]bleve.TokenLocation, n+n/2)
	}
	slots, places := f.slots[:cap(f.slots)], f.places[:cap(f.places)]
	used := 0
	for i, w := range f.words {
		places[i] = bleve.TokenLocation{Position: w.pos}
		t := f.freqs[w.word]
		if t == nil {
			t = &slots[used]
			used++
			*t = bleve.TokenFreq{Term: []byte(w.word), Locations: t.Locations[:0]}
			f.freqs[w.word] = t
		}
		t.Locations = append(t.Locations, &places[i])
		t.SetFrequency(t.Frequency() + 1)
	}
}
