package index

import (
	"fmt"
	"strconv"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// column holds a field's values by document number. Value 0 is none, value n
// is terms[n-1]; terms are in order.
type column struct {
	terms []string
	one   []uint32 // fields with one value at most
	// Fields with several: the values of document d are vals[offs[d]:offs[d+1]].
	offs []uint32
	vals []uint32
}

// segmentColumns are the columns of a segment. They do not change: what is
// deleted is kept by the snapshot.
type segmentColumns struct {
	fields map[string]*column
	at     []int64 // sort key: day and second of the day, in seconds
	gone   *roaring.Bitmap
}

// single are the fields with one value at most.
func single() []string {
	return []string{fieldDay, fieldSec, "channel", "direction", "source", "product", "shop", "queue", "thread", "customer", "definition", "nps", "csat", "unclassified"}
}

// several are the fields with any number of values.
func several() []string {
	return []string{fieldPair, "pairsub", "sub", "prior", "fulfilment", "touchpoint", "risk", "signal", "masked", "category"}
}

// columnsOf returns the columns of the snapshot's segments, builds those that
// are new and drops those of segments that are gone.
func (x *Index) columnsOf(s *snapshot) ([]*segmentColumns, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([]*segmentColumns, len(s.segs))
	keep := make(map[uint64]*segmentColumns, len(s.segs))
	for i, g := range s.segs {
		c := x.columns[g.Id()]
		if c == nil {
			var err error
			if c, err = buildColumns(g.Segment(), int(g.FullSize())); err != nil {
				return nil, err
			}
		}
		out[i], keep[g.Id()] = c, c
	}
	x.columns = keep
	return out, nil
}

func buildColumns(g segment.Segment, n int) (*segmentColumns, error) {
	c := &segmentColumns{fields: map[string]*column{}}
	for _, f := range single() {
		col := &column{one: make([]uint32, n)}
		if err := eachTerm(g, f, func(docs *roaring.Bitmap, term string) {
			col.terms = append(col.terms, term)
			v := uint32(len(col.terms)) //nolint:gosec // a count of terms
			for it := docs.Iterator(); it.HasNext(); {
				col.one[it.Next()] = v
			}
		}); err != nil {
			return nil, err
		}
		c.fields[f] = col
	}
	for _, f := range several() {
		col, err := buildSeveral(g, f, n)
		if err != nil {
			return nil, err
		}
		c.fields[f] = col
	}
	var err error
	if c.gone, err = docs(g, fieldGone, []byte("1")); err != nil {
		return nil, err
	}
	c.at = times(c.fields[fieldDay], c.fields[fieldSec], n)
	return c, nil
}

func buildSeveral(g segment.Segment, field string, n int) (*column, error) {
	col := &column{offs: make([]uint32, n+1)}
	type pair struct{ doc, val uint32 }
	var pairs []pair
	if err := eachTerm(g, field, func(docs *roaring.Bitmap, term string) {
		col.terms = append(col.terms, term)
		v := uint32(len(col.terms)) //nolint:gosec // a count of terms
		for it := docs.Iterator(); it.HasNext(); {
			d := it.Next()
			pairs = append(pairs, pair{d, v})
			col.offs[d+1]++
		}
	}); err != nil {
		return nil, err
	}
	for i := 1; i <= n; i++ {
		col.offs[i] += col.offs[i-1]
	}
	col.vals = make([]uint32, len(pairs))
	at := append([]uint32(nil), col.offs...)
	for _, p := range pairs {
		col.vals[at[p.doc]] = p.val
		at[p.doc]++
	}
	return col, nil
}

// eachTerm calls do for the terms of a field in order.
func eachTerm(g segment.Segment, field string, do func(docs *roaring.Bitmap, term string)) error {
	dict, err := g.Dictionary(field)
	if err != nil {
		return fmt.Errorf("open dictionary of %s: %w", field, err)
	}
	if dict == nil {
		return nil
	}
	it := dict.AutomatonIterator(nil, nil, nil)
	for {
		e, err := it.Next()
		if err != nil {
			return fmt.Errorf("read dictionary of %s: %w", field, err)
		}
		if e == nil {
			return nil
		}
		term := e.Term
		d, err := docsOf(dict, []byte(term))
		if err != nil {
			return err
		}
		do(d, term)
	}
}

// times joins day and second into one number that sorts.
func times(day, sec *column, n int) []int64 {
	days := make([]int64, len(day.terms)+1)
	for i, d := range day.terms {
		days[i+1] = dayNumber(d) * 86400
	}
	secs := make([]int64, len(sec.terms)+1)
	for i, s := range sec.terms {
		v, err := strconv.ParseInt(s, 10, 64)
		if err == nil {
			secs[i+1] = v
		}
	}
	at := make([]int64, n)
	for i := range at {
		at[i] = days[day.one[i]] + secs[sec.one[i]]
	}
	return at
}

// values calls do for each value of a document.
func (c *column) values(doc uint32, do func(v uint32)) {
	if c.one != nil {
		if v := c.one[doc]; v > 0 {
			do(v)
		}
		return
	}
	for _, v := range c.vals[c.offs[doc]:c.offs[doc+1]] {
		do(v)
	}
}

// match returns the documents of live with a value for which ok holds.
func (c *column) match(live *roaring.Bitmap, ok func(term string) bool) *roaring.Bitmap {
	wanted := make([]bool, len(c.terms)+1)
	some := false
	for i, t := range c.terms {
		if ok(t) {
			wanted[i+1], some = true, true
		}
	}
	out := roaring.New()
	if !some {
		return out
	}
	for it := live.Iterator(); it.HasNext(); {
		d := it.Next()
		hit := false
		c.values(d, func(v uint32) { hit = hit || wanted[v] })
		if hit {
			out.Add(d)
		}
	}
	return out
}
