package segment

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	bleve "github.com/blevesearch/bleve_index_api"
)

// idField is the field by which bleve knows a document. It is the first field of
// every segment.
const idField = "_id"

// What koe asks of bleve for each kind of field.
const (
	textOptions    = bleve.IndexField | bleve.IncludeTermVectors
	keywordOptions = bleve.IndexField | bleve.SkipFreqNorm
	idOptions      = bleve.IndexField | bleve.StoreField
)

// notThere stands in the place of an address of doc values, which koe has none of.
const notThere = 1<<64 - 1

// file is a segment without its footer, which zapx writes.
type file struct {
	bytes         []byte
	storedIndex   uint64
	sectionsIndex uint64
}

// writer makes segments, one at a time. All its slices keep their room: after a
// few batches nothing is allocated for a document or a term.
type writer struct {
	out    []byte // the segment so far
	starts []uint64
	names  map[string]int // of fields, to their place in all
	all    []*field       // every field that was ever seen
	order  []*field       // those of the batch: _id, then by name
	id     *field
	text   *field
	words  inversion
	stored storer
	list   postings
	terms  *dictionary
}

// field is a field of the segment. Its terms are collected by keyword, or for
// the text by inversion.
type field struct {
	name    string
	options bleve.FieldIndexingOptions // 0: the batch does not have it
	number  uint64                     // in order
	address uint64                     // of its inverted section
	values  keywords
}

func newWriter(text string) *writer {
	w := &writer{names: map[string]int{}, terms: newDictionary()}
	w.id, w.text = w.field(idField), w.field(text)
	return w
}

// write makes a segment. After an error the writer is of no use.
func (w *writer) write(docs []Document) (file, error) {
	w.out, w.starts = w.out[:0], w.starts[:0]
	for n, d := range docs {
		if err := w.collect(uint32(n), d); err != nil { //nolint:gosec // scorch numbers documents so
			return file{}, fmt.Errorf("document %s: %w", d.ID(), err)
		}
	}
	w.arrange()
	for _, d := range docs {
		w.storeDocument(d)
	}
	f := file{storedIndex: w.storedIndex()}
	w.list.docs = uint64(len(docs))
	for _, f := range w.order {
		if err := w.invert(f); err != nil {
			return file{}, fmt.Errorf("field %s: %w", f.name, err)
		}
	}
	f.sectionsIndex = w.fieldsSection()
	// A copy has no more room than it needs, and bleve may hold it for long.
	f.bytes = bytes.Clone(w.out)
	w.forget()
	return f, nil
}

// collect takes in what is indexed of a document, and which fields are stored.
func (w *writer) collect(n uint32, d Document) error {
	w.id.options = idOptions
	w.id.values.add(n, d.ID())
	if v, words := d.Words(); len(words) > 0 {
		w.text.options |= textOptions
		if err := w.words.add(n, v, words); err != nil {
			return err
		}
	}
	at := 0
	for _, k := range d.Keywords() {
		var f *field
		f, at = w.next(k.Field, at)
		if f == w.id || f == w.text {
			return fmt.Errorf("a keyword in field %s", f.name)
		}
		f.options |= keywordOptions
		f.values.add(n, k.Value)
	}
	for _, s := range d.Stored() {
		var f *field
		f, at = w.next(s.Field, at)
		if f == w.id {
			return errors.New("a stored value in field _id")
		}
		f.options |= bleve.StoreField
	}
	return nil
}

// next returns the field of a name and its place. Documents have their fields in
// much the same order: mostly it is at or soon after the place of the last one.
func (w *writer) next(name string, at int) (*field, int) {
	for i := at; i < min(at+3, len(w.all)); i++ {
		if w.all[i].name == name {
			return w.all[i], i
		}
	}
	f := w.field(name)
	return f, w.names[name]
}

func (w *writer) field(name string) *field {
	i, ok := w.names[name]
	if !ok {
		i = len(w.all)
		w.names[name] = i
		w.all = append(w.all, &field{name: name, values: keywords{numbers: map[string]uint32{}}})
	}
	return w.all[i]
}

// arrange numbers the fields of the batch.
func (w *writer) arrange() {
	w.order = w.order[:0]
	for _, f := range w.all {
		if f.options != 0 {
			w.order = append(w.order, f)
		}
	}
	slices.SortFunc(w.order[1:], func(a, b *field) int { return strings.Compare(a.name, b.name) }) // _id was made first
	for i, f := range w.order {
		f.number = uint64(i) //nolint:gosec // a count of fields
	}
}

// invert writes the posting lists of a field, its dictionary and, where readers
// enter, the addresses of doc values and dictionary.
func (w *writer) invert(f *field) error {
	w.terms.reset()
	var err error
	if f == w.text {
		err = w.writeWords()
	} else {
		err = w.writeKeywords(&f.values)
	}
	if err != nil {
		return err
	}
	data := w.terms.finish()
	dictionary := uint64(len(w.out))
	w.out = put(w.out, uint64(len(data)))
	w.out = append(w.out, data...)
	f.address = uint64(len(w.out))
	w.out = put(w.out, notThere)
	w.out = put(w.out, notThere)
	w.out = put(w.out, dictionary)
	return nil
}

// fieldsSection writes what readers know of each field, and returns the address
// of the index of that.
func (w *writer) fieldsSection() uint64 {
	// The sections of a build of zapx without vectors: inverted text, synonyms,
	// shapes. Only the first is there.
	sections := [...]uint16{0, 2, 3}
	w.starts = w.starts[:0]
	for _, f := range w.order {
		w.starts = append(w.starts, uint64(len(w.out)))
		w.out = put(w.out, uint64(len(f.name)))
		w.out = append(w.out, f.name...)
		w.out = put(w.out, uint64(f.options))
		w.out = put(w.out, uint64(len(sections)))
		address := f.address
		for _, s := range sections {
			w.out = binary.BigEndian.AppendUint16(w.out, s)
			w.out = binary.BigEndian.AppendUint64(w.out, address)
			address = 0
		}
	}
	index := uint64(len(w.out))
	w.out = put(w.out, uint64(len(w.starts)))
	for _, at := range w.starts {
		w.out = binary.BigEndian.AppendUint64(w.out, at)
	}
	return index
}

// forget lets go of the batch: its strings are not the writer's to keep.
func (w *writer) forget() {
	for _, f := range w.order {
		f.options = 0
		f.values.reset()
	}
	w.words.reset()
	w.terms.forget()
}

// put appends v in the form of binary.PutUvarint.
func put(b []byte, v uint64) []byte {
	if v < 0x80 {
		return append(b, byte(v))
	}
	return binary.AppendUvarint(b, v)
}
