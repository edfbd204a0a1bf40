package index

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"github.com/koe-voc/koe/index/query"
	"github.com/koe-voc/koe/pipeline/morph"
)

// dayNumber counts days from 1970-01-01; 0 for what is no day.
func dayNumber(day string) int64 {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return t.Unix() / 86400
}

// plan is a query with its words brought into the form of the index.
type plan struct {
	query query.Query
	words map[query.Words][]string // terms that stand beside each other
}

// plan analyses the words of q. A word without any searchable part is an
// error: it would match everything or nothing.
func (x *Index) plan(q query.Query) (*plan, error) {
	p := &plan{query: q, words: map[query.Words][]string{}}
	var walk func(query.Query) error
	walk = func(q query.Query) error {
		switch q := q.(type) {
		case query.And:
			return firstError(q, walk)
		case query.Or:
			return firstError(q, walk)
		case query.Not:
			return walk(q.Query)
		case query.Words:
			terms := x.terms(q.Text)
			if len(terms) == 0 {
				return &query.Error{Msg: fmt.Sprintf("%q holds no word that is indexed", q.Text), Hint: "particles, numbers alone at a word's end and signs are not; write a noun, verb or adjective"}
			}
			p.words[q] = terms
		}
		return nil
	}
	return p, walk(q)
}

func firstError(parts []query.Query, do func(query.Query) error) error {
	for _, p := range parts {
		if err := do(p); err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) terms(text string) []string {
	var out []string
	for _, t := range x.opt.Words.Tokenize(text) {
		if w, ok := morph.Term(t); ok {
			if c, ok := x.fold[w]; ok {
				w = c
			}
			out = append(out, w)
		}
	}
	return out
}

// evaluator runs a plan over one segment.
type evaluator struct {
	plan    *plan
	segment segment.Segment
	columns *segmentColumns
	live    *roaring.Bitmap
	text    segment.TermDictionary
}

// run returns the documents that match; the result belongs to the caller.
func (e *evaluator) run(q query.Query) (*roaring.Bitmap, error) {
	switch q := q.(type) {
	case query.All:
		return e.live.Clone(), nil
	case query.And:
		return e.and(q)
	case query.Or:
		out := roaring.New()
		for _, part := range q {
			b, err := e.run(part)
			if err != nil {
				return nil, err
			}
			out.Or(b)
		}
		return out, nil
	case query.Not:
		b, err := e.run(q.Query)
		if err != nil {
			return nil, err
		}
		out := e.live.Clone()
		out.AndNot(b)
		return out, nil
	case query.Words:
		return e.phrase(e.plan.words[q])
	case query.Field:
		return e.field(q), nil
	case query.Voice:
		return e.voice(q), nil
	case query.Range:
		return e.columns.fields[q.Name].match(e.live, func(t string) bool {
			n, err := strconv.Atoi(t)
			return err == nil && n >= q.Min && n <= q.Max
		}), nil
	case query.Days:
		return e.columns.fields[fieldDay].match(e.live, func(t string) bool {
			return t >= q.From && (q.To == "" || t <= q.To)
		}), nil
	}
	return nil, fmt.Errorf("search: no way to run a %T", q)
}

func (e *evaluator) and(parts query.And) (*roaring.Bitmap, error) {
	var out *roaring.Bitmap
	for _, part := range parts {
		b, err := e.run(part)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = b
		} else {
			out.And(b)
		}
		if out.IsEmpty() {
			return out, nil
		}
	}
	return out, nil
}

// folded compares values as people type them: without case and width.
func folded(s string) string { return morph.Normalize(s).Text }

func (e *evaluator) field(q query.Field) *roaring.Bitmap {
	want := folded(q.Value)
	ok := func(t string) bool { return folded(t) == want }
	switch {
	case q.Value == "*":
		ok = func(string) bool { return true }
	case q.Prefix:
		ok = func(t string) bool { return strings.HasPrefix(folded(t), want) }
	}
	switch q.Name {
	case "id":
		return e.id(q)
	case "type":
		return e.columns.fields[fieldPair].match(e.live, func(t string) bool { a, _, _ := strings.Cut(t, "/"); return ok(a) })
	case "aspect":
		return e.columns.fields[fieldPair].match(e.live, func(t string) bool { _, b, _ := strings.Cut(t, "/"); return ok(b) })
	}
	return e.columns.fields[q.Name].match(e.live, ok)
}

// id matches whole ids through bleve's own dictionary.
func (e *evaluator) id(q query.Field) *roaring.Bitmap {
	out, err := docs(e.segment, "_id", []byte(q.Value))
	if err != nil {
		return roaring.New()
	}
	out.And(e.live)
	return out
}

func (e *evaluator) voice(q query.Voice) *roaring.Bitmap {
	field := fieldPair
	if q.Sub != "" {
		field = "pairsub"
	}
	return e.columns.fields[field].match(e.live, func(t string) bool {
		parts := strings.SplitN(t, "/", 3)
		return (q.Type == "" || parts[0] == q.Type) && (q.Aspect == "" || parts[1] == q.Aspect) && (q.Sub == "" || folded(parts[2]) == folded(q.Sub))
	})
}

// phrase returns the documents in which the terms stand beside each other. The
// postings are intersected first; positions are read of what is left.
func (e *evaluator) phrase(terms []string) (*roaring.Bitmap, error) {
	if e.text == nil {
		var err error
		if e.text, err = e.segment.Dictionary(fieldText); err != nil {
			return nil, fmt.Errorf("open dictionary of words: %w", err)
		}
	}
	var all *roaring.Bitmap
	for _, t := range terms {
		b, err := docsOf(e.text, []byte(t))
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = b
		} else {
			all.And(b)
		}
	}
	all.And(e.live)
	if len(terms) == 1 || all.IsEmpty() {
		return all, nil
	}
	return e.adjacent(terms, all)
}

// adjacent keeps the documents in which term i stands at position p+i.
func (e *evaluator) adjacent(terms []string, in *roaring.Bitmap) (*roaring.Bitmap, error) {
	its := make([]segment.PostingsIterator, len(terms))
	for i, t := range terms {
		list, err := e.text.PostingsList([]byte(t), nil, nil)
		if err != nil {
			return nil, fmt.Errorf("read postings: %w", err)
		}
		its[i] = list.Iterator(true, false, true, nil)
	}
	out := roaring.New()
	for it := in.Iterator(); it.HasNext(); {
		doc := it.Next()
		var at []int // positions of the first term that are still possible
		for i, p := range its {
			places, err := positionsIn(p, uint64(doc))
			if err != nil {
				return nil, err
			}
			if i == 0 {
				at = places
				continue
			}
			at = slices.DeleteFunc(at, func(p int) bool { return !slices.Contains(places, p+i) })
		}
		if len(at) > 0 {
			out.Add(doc)
		}
	}
	return out, nil
}

func positionsIn(it segment.PostingsIterator, doc uint64) ([]int, error) {
	p, err := it.Advance(doc)
	if err != nil || p == nil || p.Number() != doc {
		return nil, err
	}
	out := make([]int, 0, 4)
	for _, l := range p.Locations() {
		out = append(out, int(l.Pos())) //nolint:gosec // bounded by the text
	}
	return out, nil
}
