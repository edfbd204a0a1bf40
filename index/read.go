package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path/filepath"
	"slices"

	"github.com/koe-voc/koe/index/query"
	"github.com/koe-voc/koe/pipeline/voc"
)

// ErrNotFound is wrapped by Get for an id that the index does not hold.
var ErrNotFound = errors.New("no such contact")

// Get returns the record of an id.
func (x *Index) Get(_ context.Context, id string) (*voc.Record, error) {
	snap, err := x.snapshot()
	if err != nil {
		return nil, err
	}
	defer snap.release()
	seg, doc, ok, err := snap.find(id)
	if err != nil {
		return nil, err
	}
	if ok {
		data, err := snap.stored(seg, doc, fieldRec)
		if err != nil {
			return nil, err
		}
		if data != nil {
			return x.pack.unpack(data)
		}
	}
	return nil, fmt.Errorf("%s: %w", id, ErrNotFound)
}

// Missing reports whether one of the contacts is not in the index, or deleted.
func (x *Index) Missing(ids []string) (bool, error) {
	snap, err := x.snapshot()
	if err != nil {
		return false, err
	}
	defer snap.release()
	columns, err := x.columnsOf(snap)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		seg, doc, ok, err := snap.find(id)
		if err != nil {
			return false, err
		}
		if !ok || columns[seg].gone.ContainsInt(doc) {
			return true, nil
		}
	}
	return false, nil
}

// Records yields the contacts of the days from since to until, both included
// (as 2026-10-05, empty: no bound), in the order of their times.
func (x *Index) Records(ctx context.Context, since, until string) iter.Seq2[*voc.Record, error] {
	return func(yield func(*voc.Record, error) bool) {
		snap, err := x.snapshot()
		if err != nil {
			yield(nil, err)
			return
		}
		defer snap.release()
		f := &finding{snap: snap, plan: &plan{query: query.Days{From: since, To: until}}}
		if f.columns, err = x.columnsOf(snap); err == nil {
			err = f.match(ctx)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		for _, p := range f.inOrder() {
			r, err := x.load(f, p)
			if err = cmp.Or(err, ctx.Err()); !yield(r, err) || err != nil {
				return
			}
		}
	}
}

func (f *finding) inOrder() []place {
	var out []place
	for seg, h := range f.hits {
		for it := h.Iterator(); it.HasNext(); {
			d := it.Next()
			out = append(out, place{key: float64(f.columns[seg].at[d]), seg: seg, doc: d})
		}
	}
	slices.SortStableFunc(out, func(a, b place) int { return cmp.Compare(a.key, b.key) })
	return out
}

func (x *Index) load(f *finding, p place) (*voc.Record, error) {
	data, err := f.snap.stored(p.seg, int(p.doc), fieldRec)
	if err != nil {
		return nil, err
	}
	return x.pack.unpack(data)
}

// Status tells what the index holds.
type Status struct {
	Contacts    int64            `json:"contacts"`
	Voices      int64            `json:"voices"`
	Bytes       int64            `json:"disk_bytes"`
	Segments    int              `json:"segments"`
	First       string           `json:"first_day,omitempty"`
	Last        string           `json:"last_day,omitempty"`
	Definitions []FacetItem      `json:"definition_versions"`
	Positions   map[string]int64 `json:"positions"` // next offset by partition, durable
}

// Status reads the columns and the size of the folder.
func (x *Index) Status(ctx context.Context) (*Status, error) {
	snap, err := x.snapshot()
	if err != nil {
		return nil, err
	}
	defer snap.release()
	r, err := x.Search(ctx, Request{Query: query.All{}, Facets: []string{"definition"}, Histogram: "day"})
	if err != nil {
		return nil, err
	}
	s := &Status{Contacts: r.Contacts, Voices: r.Voices, Segments: len(snap.segs), Definitions: r.Facets["definition"], Positions: map[string]int64{}}
	if n := len(r.Histogram); n > 0 {
		s.First, s.Last = r.Histogram[0].Value, r.Histogram[n-1].Value
	}
	for p, n := range x.Durable() {
		s.Positions[p.String()] = n
	}
	s.Bytes, err = size(filepath.Join(x.opt.Dir, "index"))
	return s, err
}

// size adds up the files of a folder; those that go while it looks are left out.
func size(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("measure index: %w", err)
	}
	return n, nil
}

// Versions lists the definition versions in use, in order.
func (s *Status) Versions() []string {
	out := map[string]bool{}
	for _, d := range s.Definitions {
		out[d.Value] = true
	}
	return slices.Sorted(maps.Keys(out))
}
