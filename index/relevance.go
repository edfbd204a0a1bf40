package index

import (
	"fmt"
	"math"
	"slices"

	"github.com/koe-voc/koe/index/query"
	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/voc"
)

// wanted returns the terms that a query asks for, those behind a NOT left out.
func (p *plan) wanted() []string {
	var out []string
	var walk func(query.Query)
	walk = func(q query.Query) {
		switch q := q.(type) {
		case query.And:
			for _, part := range q {
				walk(part)
			}
		case query.Or:
			for _, part := range q {
				walk(part)
			}
		case query.Words:
			for _, t := range p.words[q] {
				if !slices.Contains(out, t) {
					out = append(out, t)
				}
			}
		}
	}
	walk(p.query)
	return out
}

// BM25's k1 (Robertson and Zaragoza 2009, section 3.4). Contacts are short and
// of similar length, so b is 0 and lengths are not kept.
const k1 = 1.2

// scores returns BM25 of the hits by segment and document, nil if the query has
// no words.
func (f *finding) scores() ([]map[uint32]float64, error) {
	terms := f.plan.wanted()
	if len(terms) == 0 {
		return nil, nil
	}
	total := 0.0
	for i := range f.snap.segs {
		total += float64(f.snap.segs[i].Count())
	}
	out := make([]map[uint32]float64, len(f.hits))
	for i, h := range f.hits {
		out[i] = make(map[uint32]float64, h.GetCardinality())
	}
	for _, t := range terms {
		n := 0.0
		for _, g := range f.snap.segs {
			d, err := docs(g.Segment(), fieldText, []byte(t))
			if err != nil {
				return nil, err
			}
			n += float64(d.GetCardinality())
		}
		idf := math.Log(1 + (total-n+.5)/(n+.5))
		for i := range f.hits {
			if err := f.addScores(i, t, max(idf, 0), out[i]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (f *finding) addScores(seg int, term string, idf float64, scores map[uint32]float64) error {
	if f.hits[seg].IsEmpty() {
		return nil
	}
	dict, err := f.snap.segs[seg].Segment().Dictionary(fieldText)
	if err != nil || dict == nil {
		return err
	}
	list, err := dict.PostingsList([]byte(term), nil, nil)
	if err != nil {
		return fmt.Errorf("read postings: %w", err)
	}
	it := list.Iterator(true, false, false, nil)
	for {
		p, err := it.Next()
		if err != nil || p == nil {
			return err
		}
		d := uint32(p.Number()) //nolint:gosec // a document number
		if f.hits[seg].Contains(d) {
			tf := float64(p.Frequency())
			scores[d] += idf * tf * (k1 + 1) / (tf + k1)
		}
	}
}

// concerns tells which voices a query is about: those that meet one of its
// conditions on voices; all if it has none.
func concerns(q query.Query) func(*voc.Voice) bool {
	var tests []func(*voc.Voice) bool
	var walk func(query.Query)
	walk = func(q query.Query) {
		switch q := q.(type) {
		case query.And:
			for _, part := range q {
				walk(part)
			}
		case query.Or:
			for _, part := range q {
				walk(part)
			}
		case query.Voice:
			tests = append(tests, func(v *voc.Voice) bool {
				return (q.Type == "" || string(v.Type) == q.Type) && (q.Aspect == "" || string(v.Aspect) == q.Aspect) && (q.Sub == "" || v.Sub == q.Sub)
			})
		case query.Field:
			switch q.Name {
			case "type":
				tests = append(tests, func(v *voc.Voice) bool { return string(v.Type) == q.Value })
			case "aspect":
				tests = append(tests, func(v *voc.Voice) bool { return string(v.Aspect) == q.Value })
			case "sub":
				tests = append(tests, func(v *voc.Voice) bool { return v.Sub == q.Value })
			}
		}
	}
	walk(q)
	return func(v *voc.Voice) bool {
		return len(tests) == 0 || slices.ContainsFunc(tests, func(t func(*voc.Voice) bool) bool { return t(v) })
	}
}

// wordSpans finds the query's words in the text again, by its tokens.
func (x *Index) wordSpans(p *plan, r *voc.Record) []voc.Span {
	terms := p.wanted()
	if len(terms) == 0 {
		return nil
	}
	var out []voc.Span
	for _, s := range r.Segments {
		for _, t := range x.opt.Words.Tokenize(r.Slice(s.Span)) {
			w, ok := morph.Term(t)
			if !ok {
				continue
			}
			if c, ok := x.fold[w]; ok {
				w = c
			}
			if slices.Contains(terms, w) {
				out = append(out, voc.Span{From: s.Span.From + t.Span.From, To: s.Span.From + t.Span.To})
			}
		}
	}
	return out
}
