package index

import (
	"strconv"
	"strings"
	"time"

	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/koe-voc/koe/index/segment"
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

// document is a record as the segment writer wants it. It is pooled: bleve keeps
// nothing of it once a batch has returned.
type document struct {
	id       string
	numbers  *segment.Vocabulary
	words    []segment.Word
	keywords []segment.Keyword
	values   []segment.Stored
	rev, rec []byte
}

var _ segment.Document = (*document)(nil)

// reset lets go of what the last record gave.
func (d *document) reset(id string) {
	clear(d.keywords)
	d.id, d.numbers, d.words, d.keywords, d.values = id, nil, d.words[:0], d.keywords[:0], d.values[:0]
}

// keyword adds an indexed value; empty ones are left out.
func (d *document) keyword(name, value string) {
	if value != "" {
		d.keywords = append(d.keywords, segment.Keyword{Field: name, Value: value})
	}
}

func (d *document) stored(name string, value []byte) {
	d.values = append(d.values, segment.Stored{Field: name, Value: value})
}

// fill makes the document of a record, which stands packed in rec.
func (d *document) fill(r *voc.Record, loc *time.Location, numbers *segment.Vocabulary) {
	d.reset(r.ID)
	d.text(r, numbers)
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
	d.revision(r.Revision)
	d.stored(fieldRec, d.rec)
}

func (d *document) revision(r voc.Revision) {
	d.rev = append(d.rev[:0], r.String()...)
	d.stored(fieldRev, d.rev)
}

// labels adds what hangs on voices, and risks and signals. A value that comes
// several times counts once.
func (d *document) labels(r *voc.Record) {
	for i := range r.Voices {
		v := &r.Voices[i]
		pair := string(v.Type) + "/" + string(v.Aspect)
		d.keyword(fieldPair, pair)
		if v.Sub != "" {
			d.keyword("pairsub", pair+"/"+v.Sub)
			d.keyword("sub", v.Sub)
		}
		d.keyword("prior", v.Prior)
		d.keyword("fulfilment", v.Fulfilment)
		d.keyword("touchpoint", v.TouchPoint)
	}
	for _, f := range r.Risks {
		d.keyword("risk", f.Name)
	}
	for _, f := range r.Signals {
		d.keyword("signal", f.Name)
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
func (d *document) text(r *voc.Record, numbers *segment.Vocabulary) {
	d.numbers = numbers
	pos, token := uint32(0), 0
	for i := range r.Segments {
		for ; token < len(r.Tokens) && r.Tokens[token].Span.From < r.Segments[i].Span.To; token++ {
			w, ok := morph.Term(r.Tokens[token])
			if !ok {
				continue
			}
			pos++
			d.words = append(d.words, segment.Word{Number: numbers.Number(w), Position: pos})
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
	d.revision(c.Revision)
}

// goneErase is the second value of a tombstone that is still to be erased.
const goneErase = "erase"

// ID is the record's id.
func (d *document) ID() string { return d.id }

// Size is an estimate that bleve asks for its statistics.
func (d *document) Size() int { return 1024 }

// Words are the words of the text.
func (d *document) Words() (*segment.Vocabulary, []segment.Word) { return d.numbers, d.words }

// Keywords are the indexed values.
func (d *document) Keywords() []segment.Keyword { return d.keywords }

// Stored are the revision and the record.
func (d *document) Stored() []segment.Stored { return d.values }

// VisitFields shows none: the segment writer does not ask, and there is nothing
// to analyse.
func (d *document) VisitFields(bleve.FieldVisitor) {}

// VisitComposite does nothing: there are no composite fields.
func (d *document) VisitComposite(bleve.CompositeFieldVisitor) {}

// HasComposite is false.
func (d *document) HasComposite() bool { return false }

// NumPlainTextBytes is not kept.
func (d *document) NumPlainTextBytes() uint64 { return 0 }

// AddIDField does nothing: the segment writer asks for ID.
func (d *document) AddIDField() {}

// StoredFieldsBytes is not kept.
func (d *document) StoredFieldsBytes() uint64 { return 0 }

// Indexed is false: bleve counts documents by it that came in analysed.
func (d *document) Indexed() bool { return false }
