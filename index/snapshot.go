package index

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"github.com/koe-voc/koe/pipeline/voc"
)

// snapshot is the index at one moment. It is for one goroutine.
type snapshot struct {
	index *scorch.IndexSnapshot
	segs  []*scorch.SegmentSnapshot
}

func (x *Index) snapshot() (*snapshot, error) {
	r, err := x.store.Reader()
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	s, ok := r.(*scorch.IndexSnapshot)
	if !ok {
		return nil, errors.Join(fmt.Errorf("read index: the store gives a %T", r), r.Close())
	}
	return &snapshot{index: s, segs: s.Segments()}, nil
}

// release gives the snapshot back. Its segments may then go.
func (s *snapshot) release() { _ = s.index.Close() } // a reference count: nothing is written

// find returns the segment and number of the live document of an id.
func (s *snapshot) find(id string) (seg, doc int, ok bool, err error) {
	for i, g := range s.segs {
		// The newest segments are last, and there is one live document at most.
		docs, err := g.DocNumbers([]string{id})
		if err != nil {
			return 0, 0, false, fmt.Errorf("look for %s: %w", id, err)
		}
		if docs != nil && !docs.IsEmpty() {
			n := docs.Minimum()
			if d := g.Deleted(); d == nil || !d.Contains(n) {
				return i, int(n), true, nil
			}
		}
	}
	return 0, 0, false, nil
}

// revision reads the revision of an id, also of one that was deleted.
func (s *snapshot) revision(id string) (rev voc.Revision, ok bool, err error) {
	seg, doc, ok, err := s.find(id)
	if !ok || err != nil {
		return rev, false, err
	}
	text, err := s.stored(seg, doc, fieldRev)
	if err != nil {
		return rev, false, err
	}
	rev, err = voc.ParseRevision(string(text))
	return rev, err == nil, err
}

// stored returns a copy of a stored field.
func (s *snapshot) stored(seg, doc int, name string) ([]byte, error) {
	var out []byte
	err := s.segs[seg].VisitDocument(uint64(doc), func(field string, _ byte, value []byte, _ []uint64) bool { //nolint:gosec // a document number
		if field == name {
			out = bytes.Clone(value)
			return false
		}
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("read stored field: %w", err)
	}
	return out, nil
}

// live returns the documents of a segment that were neither replaced nor
// deleted. The caller may change the bitmap.
func (s *snapshot) live(seg int, c *segmentColumns) *roaring.Bitmap {
	live := s.segs[seg].DocNumbersLive()
	if c.gone != nil {
		live.AndNot(c.gone)
	}
	return live
}

// docs returns the documents of a segment that have a term in a field.
func docs(g segment.Segment, field string, term []byte) (*roaring.Bitmap, error) {
	dict, err := g.Dictionary(field)
	if err != nil {
		return nil, fmt.Errorf("open dictionary of %s: %w", field, err)
	}
	return docsOf(dict, term)
}

func docsOf(dict segment.TermDictionary, term []byte) (*roaring.Bitmap, error) {
	out := roaring.New()
	if dict == nil {
		return out, nil
	}
	list, err := dict.PostingsList(term, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("read postings: %w", err)
	}
	it := list.Iterator(false, false, false, nil)
	if o, ok := it.(segment.OptimizablePostingsIterator); ok {
		if n, one := o.DocNum1Hit(); one {
			out.Add(uint32(n)) //nolint:gosec // a document number
			return out, nil
		}
		if b := o.ActualBitmap(); b != nil {
			out.Or(b)
			return out, nil
		}
	}
	for {
		p, err := it.Next()
		if err != nil {
			return nil, fmt.Errorf("read postings: %w", err)
		}
		if p == nil {
			return out, nil
		}
		out.Add(uint32(p.Number())) //nolint:gosec // a document number
	}
}
