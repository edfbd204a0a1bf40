package index

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/koe-voc/koe/index/query"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Sort is the order of hits.
type Sort string

// The orders.
const (
	Newest    Sort = "newest"
	Oldest    Sort = "oldest"
	Relevance Sort = "relevance" // by the words of the query (BM25); newest where it has none
)

// MaxSize bounds the hits of one page.
const MaxSize = 1000

// Request is a search.
type Request struct {
	Query  query.Query
	Sort   Sort     // empty: newest
	Size   int      // hits on the page, 0 to MaxSize; 0 only counts
	After  string   // Next of the page before; empty: the first page
	Facets []string // fields to count by, see Facets
	// Histogram counts contacts by day, week or month; empty: not.
	Histogram string
}

// Result is what a search found.
type Result struct {
	Contacts  int64                  `json:"contacts"` // that match
	Voices    int64                  `json:"voices"`   // of those contacts; the same type and aspect twice in one counts once
	Hits      []Hit                  `json:"hits"`
	Next      string                 `json:"next,omitempty"` // empty: this is the last page
	Facets    map[string][]FacetItem `json:"facets,omitempty"`
	Histogram []FacetItem            `json:"histogram,omitempty"` // in order of time
	Took      time.Duration          `json:"took_ns"`
}

// FacetItem counts the contacts that have a value.
type FacetItem struct {
	Value    string `json:"value"`
	Contacts int64  `json:"contacts"`
}

// Hit is a contact that matches.
type Hit struct {
	Record   *voc.Record `json:"contact"`
	Evidence []Mark      `json:"evidence"` // of the voices that the query is about; of all if it names none
	Words    []Mark      `json:"words"`    // of the query
}

// Mark is a stretch of the record's text, in code points.
type Mark struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Facets lists the fields that can be counted by. "pair" is type/aspect.
func Facets() []string {
	return []string{"pair", "type", "aspect", "channel", "product", "shop", "queue", "source", "risk", "signal", "sub", "prior", "fulfilment", "touchpoint", "masked", "category", "nps", "csat", "definition", "unclassified", "day"}
}

// Check reports what is wrong with a request's fields, the query excepted.
func (r Request) Check() error {
	if !slices.Contains([]Sort{"", Newest, Oldest, Relevance}, r.Sort) {
		return fmt.Errorf("sort %q: write newest, oldest or relevance", r.Sort)
	}
	if r.Size < 0 || r.Size > MaxSize {
		return fmt.Errorf("size %d: write 0 to %d", r.Size, MaxSize)
	}
	for _, f := range r.Facets {
		if !slices.Contains(Facets(), f) {
			return fmt.Errorf("facet %q: write one of %s", f, strings.Join(Facets(), ", "))
		}
	}
	if !slices.Contains([]string{"", "day", "week", "month"}, r.Histogram) {
		return fmt.Errorf("histogram %q: write day, week or month", r.Histogram)
	}
	return nil
}

// Search runs a request. A wrong query is a *query.Error.
func (x *Index) Search(ctx context.Context, r Request) (*Result, error) {
	start := x.opt.Now()
	if err := r.Check(); err != nil {
		return nil, err
	}
	p, err := x.plan(r.Query)
	if err != nil {
		return nil, err
	}
	snap, err := x.snapshot()
	if err != nil {
		return nil, err
	}
	defer snap.release()
	f := &finding{snap: snap, plan: p}
	if f.columns, err = x.columnsOf(snap); err != nil {
		return nil, err
	}
	if err := f.match(ctx); err != nil {
		return nil, err
	}
	out := &Result{Hits: []Hit{}}
	f.count(r, out)
	if r.Size > 0 {
		if err := x.page(f, r, out); err != nil {
			return nil, err
		}
	}
	out.Took = x.opt.Now().Sub(start)
	return out, nil
}

// finding is a search on its way.
type finding struct {
	snap    *snapshot
	plan    *plan
	columns []*segmentColumns
	hits    []*roaring.Bitmap // by segment
}

func (f *finding) match(ctx context.Context) error {
	f.hits = make([]*roaring.Bitmap, len(f.snap.segs))
	for i, g := range f.snap.segs {
		if err := ctx.Err(); err != nil {
			return err
		}
		e := &evaluator{plan: f.plan, segment: g.Segment(), columns: f.columns[i], live: f.snap.live(i, f.columns[i])}
		var err error
		if f.hits[i], err = e.run(f.plan.query); err != nil {
			return err
		}
	}
	return nil
}

// count fills totals, facets and histogram in one pass over columns each.
func (f *finding) count(r Request, out *Result) {
	for i, h := range f.hits {
		out.Contacts += int64(h.GetCardinality()) //nolint:gosec // a count
		pairs := f.columns[i].fields[fieldPair]
		for it := h.Iterator(); it.HasNext(); {
			d := it.Next()
			out.Voices += int64(pairs.offs[d+1] - pairs.offs[d])
		}
	}
	for _, name := range r.Facets {
		if out.Facets == nil {
			out.Facets = map[string][]FacetItem{}
		}
		items := items(f.counts(name))
		slices.SortFunc(items, func(a, b FacetItem) int {
			return cmp.Or(cmp.Compare(b.Contacts, a.Contacts), cmp.Compare(a.Value, b.Value))
		})
		out.Facets[name] = items
	}
	if r.Histogram != "" {
		out.Histogram = histogram(f.counts(fieldDay), r.Histogram)
	}
}

func items(counts map[string]int64) []FacetItem {
	out := make([]FacetItem, 0, len(counts))
	for v, n := range counts {
		out = append(out, FacetItem{v, n})
	}
	return out
}

// counts tells how many of the hits have each value of a field.
func (f *finding) counts(name string) map[string]int64 {
	part := func(t string) string { return t }
	field := name
	switch name {
	case "type":
		field, part = fieldPair, func(t string) string { a, _, _ := strings.Cut(t, "/"); return a }
	case "aspect":
		field, part = fieldPair, func(t string) string { _, b, _ := strings.Cut(t, "/"); return b }
	}
	out := map[string]int64{}
	for i, h := range f.hits {
		col := f.columns[i].fields[field]
		// Values that come together under one name count once for a document.
		group, names := make([]uint32, len(col.terms)+1), []string{""}
		at := map[string]uint32{}
		for k, t := range col.terms {
			n := part(t)
			if at[n] == 0 {
				names = append(names, n)
				at[n] = uint32(len(names) - 1) //nolint:gosec // a count of terms
			}
			group[k+1] = at[n]
		}
		counts, last := make([]int64, len(names)), make([]uint32, len(names))
		for it := h.Iterator(); it.HasNext(); {
			d := it.Next()
			col.values(d, func(v uint32) {
				if g := group[v]; last[g] != d+1 {
					last[g] = d + 1
					counts[g]++
				}
			})
		}
		for k := 1; k < len(names); k++ {
			if counts[k] > 0 {
				out[names[k]] += counts[k]
			}
		}
	}
	return out
}

// histogram joins days into weeks (by their Monday) or months.
func histogram(days map[string]int64, by string) []FacetItem {
	joined := map[string]int64{}
	for d, n := range days {
		t, err := time.Parse(time.DateOnly, d)
		if err != nil {
			continue
		}
		switch by {
		case "week":
			d = t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format(time.DateOnly)
		case "month":
			d = d[:7]
		}
		joined[d] += n
	}
	out := items(joined)
	slices.SortFunc(out, func(a, b FacetItem) int { return cmp.Compare(a.Value, b.Value) })
	return out
}

// place is a hit in the order of the page.
type place struct {
	key float64 // greater comes first
	seg int
	doc uint32
	id  string // loaded where keys are equal
}

// cursor is the place that a page ended with.
type cursor struct {
	Key float64 `json:"k"`
	ID  string  `json:"i"`
}

// ErrCursor is wrapped by Search for an After that no Search has given out.
var ErrCursor = fmt.Errorf("the cursor is not one of koe's; leave it away to begin anew")

func parseCursor(s string) (c cursor, err error) {
	data, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil {
		return c, fmt.Errorf("after %.40q: %w", s, ErrCursor)
	}
	return c, nil
}

func (c cursor) String() string {
	data, err := json.Marshal(c)
	if err != nil {
		return "" // cannot happen: keys are finite
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

// page collects the hits behind the cursor.
func (x *Index) page(f *finding, r Request, out *Result) error {
	keys, err := f.keys(r.Sort)
	if err != nil {
		return err
	}
	after := cursor{Key: math.Inf(1)}
	if r.After != "" {
		if after, err = parseCursor(r.After); err != nil {
			return err
		}
	}
	top, more, err := f.top(keys, after, r.Size)
	if err != nil {
		return err
	}
	for _, p := range top {
		hit, err := x.hit(f, p)
		if err != nil {
			return err
		}
		out.Hits = append(out.Hits, hit)
	}
	if more && len(top) > 0 {
		last := top[len(top)-1]
		if last.id == "" {
			if last.id, err = f.id(last); err != nil {
				return err
			}
		}
		out.Next = cursor{last.key, last.id}.String()
	}
	return nil
}

// keys returns the sort key of a document.
func (f *finding) keys(s Sort) (func(seg int, doc uint32) float64, error) {
	newest := func(seg int, doc uint32) float64 { return float64(f.columns[seg].at[doc]) }
	switch s {
	case Oldest:
		return func(seg int, doc uint32) float64 { return -newest(seg, doc) }, nil
	case Relevance:
		scores, err := f.scores()
		if scores != nil || err != nil {
			return func(seg int, doc uint32) float64 { return scores[seg][doc] }, err
		}
	case Newest:
	}
	return newest, nil
}

func (f *finding) id(p place) (string, error) {
	id, err := f.snap.segs[p.seg].DocID(uint64(p.doc))
	if err != nil {
		return "", fmt.Errorf("read id: %w", err)
	}
	return string(id), nil
}

// top returns the first n places behind a cursor: by falling key, then by id.
// more tells whether there are others. One pass keeps a sorted slice of n+1.
func (f *finding) top(key func(int, uint32) float64, after cursor, n int) (top []place, more bool, err error) {
	compare := func(a, b *place) int {
		if c := cmp.Compare(b.key, a.key); c != 0 {
			return c
		}
		for _, p := range []*place{a, b} {
			if p.id == "" {
				id, idErr := f.id(*p)
				err = cmp.Or(err, idErr)
				p.id = id
			}
		}
		return cmp.Compare(a.id, b.id)
	}
	end := place{key: after.Key, id: after.ID}
	for seg, h := range f.hits {
		for it := h.Iterator(); it.HasNext(); {
			p := place{seg: seg, doc: it.Next()}
			p.key = key(seg, p.doc)
			if p.key > end.key || p.key == end.key && compare(&p, &end) <= 0 {
				continue
			}
			if len(top) > n {
				if last := &top[n]; p.key < last.key || compare(&p, last) >= 0 {
					continue
				}
				top = top[:n]
			}
			at, _ := slices.BinarySearchFunc(top, &p, func(a place, b *place) int { return compare(&a, b) })
			top = slices.Insert(top, at, p)
		}
	}
	if len(top) > n {
		return top[:n], true, err
	}
	return top, false, err
}

// hit loads a record and marks what the query is about.
func (x *Index) hit(f *finding, p place) (Hit, error) {
	data, err := f.snap.stored(p.seg, int(p.doc), fieldRec)
	if err != nil {
		return Hit{}, err
	}
	r, err := x.pack.unpack(data)
	if err != nil {
		return Hit{}, err
	}
	at := voc.NewRunes(r.Text)
	mark := func(s voc.Span) Mark { return Mark{at.Of(s.From), at.Of(s.To)} }
	h := Hit{Record: r, Evidence: []Mark{}, Words: []Mark{}}
	about := concerns(f.plan.query)
	for i := range r.Voices {
		if about(&r.Voices[i]) {
			h.Evidence = append(h.Evidence, mark(r.Voices[i].Evidence))
		}
	}
	for _, s := range x.wordSpans(f.plan, r) {
		h.Words = append(h.Words, mark(s))
	}
	return h, nil
}
