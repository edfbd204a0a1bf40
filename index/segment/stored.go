package segment

import (
	"encoding/binary"

	"github.com/golang/snappy"
)

// The type that bleve writes beside a stored value: text.
const storedType = 't'

// storer holds the stored values of one document.
type storer struct {
	fields []uint64 // the fields of the values that the document has
	meta   []byte
	data   []byte
	packed []byte
}

// storeDocument writes the stored values of a document: which there are, its id,
// which readers find without unpacking, and the others, packed together.
func (w *writer) storeDocument(d Document) {
	s, values, at := &w.stored, d.Stored(), 0
	s.fields, s.meta, s.data = s.fields[:0], s.meta[:0], s.data[:0]
	for _, v := range values {
		var f *field
		f, at = w.next(v.Field, at)
		s.fields = append(s.fields, f.number)
	}
	s.meta = put(s.meta, uint64(len(d.ID())))
	// Values go in the order of their fields. A document has two or three.
	for last, more := uint64(0), true; more; {
		number := uint64(0)
		for _, n := range s.fields {
			if n > last && (number == 0 || n < number) {
				number = n
			}
		}
		for i, n := range s.fields {
			if n == number {
				s.value(n, values[i].Value)
			}
		}
		last, more = number, number != 0
	}
	s.packed = snappy.Encode(s.packed[:cap(s.packed)], s.data)
	w.starts = append(w.starts, uint64(len(w.out)))
	w.out = put(w.out, uint64(len(s.meta)))
	w.out = put(w.out, uint64(len(d.ID())+len(s.packed)))
	w.out = append(w.out, s.meta...)
	w.out = append(w.out, d.ID()...)
	w.out = append(w.out, s.packed...)
}

func (s *storer) value(field uint64, value []byte) {
	s.meta = put(s.meta, field)
	s.meta = put(s.meta, storedType)
	s.meta = put(s.meta, uint64(len(s.data)))
	s.meta = put(s.meta, uint64(len(value)))
	s.meta = put(s.meta, 0) // array positions
	s.data = append(s.data, value...)
}

// storedIndex writes where the stored values of each document begin, and returns
// the address of that.
func (w *writer) storedIndex() uint64 {
	index := uint64(len(w.out))
	for _, at := range w.starts {
		w.out = binary.BigEndian.AppendUint64(w.out, at)
	}
	w.out = put(w.out, 0) // documents inside others
	return index
}
