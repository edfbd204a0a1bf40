package index

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/index/scorch/mergeplan"
	bleveindex "github.com/blevesearch/bleve_index_api"

	"github.com/koe-voc/koe/pipeline/voc"
)

// fillerID is a deleted contact that never was. bleve rewrites a segment only
// beside another one.
const fillerID = "koe/filler"

// Purge takes out every contact, also deleted ones, that Options.Erased holds,
// and returns how many there were. When it returns without an error, no file of
// the index holds a word of them, nor of any other version that was replaced or
// deleted before: segments with such documents are written anew. It is safe
// beside searches and the methods of the sink.
func (x *Index) Purge(ctx context.Context) (removed int, err error) {
	if x.opt.Erased == nil {
		return 0, nil
	}
	if removed, err = x.dropErased(ctx); err != nil {
		return 0, fmt.Errorf("erase from the index: %w", hint(err))
	}
	if err := x.rewrite(ctx); err != nil {
		return removed, fmt.Errorf("erase from the index: %w", hint(err))
	}
	return removed, nil
}

// dropErased takes the contacts out of what searches see.
func (x *Index) dropErased(ctx context.Context) (int, error) {
	x.writing.Lock()
	defer x.writing.Unlock()
	ids, err := x.held(ctx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	b := bleveindex.NewBatch()
	for _, id := range ids {
		b.Delete(id)
	}
	return len(ids), x.store.Batch(b)
}

// held lists the ids that were erased.
func (x *Index) held(ctx context.Context) ([]string, error) {
	snap, err := x.snapshot()
	if err != nil {
		return nil, err
	}
	defer snap.release()
	columns, err := x.columnsOf(snap)
	if err != nil {
		return nil, err
	}
	var ids []string
	for seg, g := range snap.segs {
		live, c := g.DocNumbersLive(), columns[seg]
		var inner error
		if err := eachTerm(g.Segment(), "_id", func(docs *roaring.Bitmap, id string) {
			docs.And(live)
			if docs.IsEmpty() || inner != nil {
				return
			}
			var held bool
			if held, inner = x.holds(snap, c, seg, docs.Minimum(), id); held {
				ids = append(ids, id)
			}
			inner = cmp.Or(inner, ctx.Err())
		}); err != nil || inner != nil {
			return nil, cmp.Or(err, inner)
		}
	}
	return ids, nil
}

func (x *Index) holds(snap *snapshot, c *segmentColumns, seg int, doc uint32, id string) (bool, error) {
	s := voc.Subject{ID: id}
	if !c.gone.Contains(doc) {
		s.At = x.instant(c, doc)
	}
	if v := c.fields["customer"].one[doc]; v > 0 {
		s.Customer = c.fields["customer"].terms[v-1]
	}
	// The revision is read only where it can count: the zero one is before all.
	if !x.opt.Erased.Holds(s) {
		return false, nil
	}
	rev, err := snap.stored(seg, int(doc), fieldRev)
	if err != nil {
		return false, err
	}
	if s.Revision, err = voc.ParseRevision(string(rev)); err != nil {
		return false, err
	}
	return x.opt.Erased.Holds(s), nil
}

// Tombstones lists the deletes that ask for an erasure and wait for one: a
// Purge takes them away when the set of what was erased holds them.
func (x *Index) Tombstones() ([]voc.Applied, error) {
	snap, err := x.snapshot()
	if err != nil {
		return nil, err
	}
	defer snap.release()
	var out []voc.Applied
	for seg, g := range snap.segs {
		found, err := docs(g.Segment(), fieldGone, []byte(goneErase))
		if err != nil {
			return nil, err
		}
		found.And(g.DocNumbersLive())
		for it := found.Iterator(); it.HasNext(); {
			d := it.Next()
			id, err := g.DocID(uint64(d))
			if err != nil {
				return nil, fmt.Errorf("read id: %w", err)
			}
			rev, err := snap.stored(seg, int(d), fieldRev)
			if err != nil {
				return nil, err
			}
			r, err := voc.ParseRevision(string(rev))
			if err != nil {
				return nil, err
			}
			out = append(out, voc.Applied{ID: string(id), Revision: r, Erase: true})
		}
	}
	return out, nil
}

// rewrite leaves no segment with documents that are not live, in memory or on
// disk.
func (x *Index) rewrite(ctx context.Context) error {
	store, ok := x.store.(*scorch.Scorch)
	if !ok {
		return fmt.Errorf("the store is a %T", x.store)
	}
	// bleve's own merges go on beside it, and what is read elsewhere keeps old
	// segments: it is looked at again until it is so.
	for wait := firstLook; ; wait = min(2*wait, lookEvery) {
		if err := x.persist(ctx); err != nil {
			return err
		}
		clean, only, err := x.clean()
		if err != nil || clean {
			return err
		}
		if only {
			if err := x.fill(); err != nil {
				return err
			}
			if err := x.persist(ctx); err != nil {
				return err
			}
		}
		if err := store.ForceMerge(ctx, rewriteDeleted()); err != nil {
			return fmt.Errorf("rewrite segments: %w", err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

const firstLook = 20 * time.Millisecond

// rewriteDeleted plans a merge of each segment that has documents that are not
// live, by itself.
func rewriteDeleted() *mergeplan.MergePlanOptions {
	o := mergeplan.SingleSegmentMergePlanOptions
	o.MaxSegmentSize = mergeplan.MaxSegmentSizeLimit
	o.SegmentsPerMergeTask = 1
	o.CalcBudget = func(int64, int64, *mergeplan.MergePlanOptions) int { return 0 }
	return &o
}

// persist waits until what is in the index now is on disk.
func (x *Index) persist(ctx context.Context) error {
	done := make(chan error, 1)
	b := bleveindex.NewBatch()
	b.SetInternal([]byte("purge"), []byte{1})
	b.SetPersistedCallback(func(err error) { done <- err })
	if err := x.store.Batch(b); err != nil {
		return err
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for looks := 0; ; {
		select {
		case err := <-done:
			return err
		case <-look.C:
			if looks++; x.stuck(looks) {
				return x.persisterError()
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// fill makes a second segment.
func (x *Index) fill() error {
	var d document
	d.tombstone(voc.Applied{ID: fillerID})
	b := bleveindex.NewBatch()
	b.Update(&d)
	return x.store.Batch(b)
}

// clean reports whether only live documents are left, also in the folder; only
// tells that one segment is all there is.
func (x *Index) clean() (clean, only bool, err error) {
	snap, err := x.snapshot()
	if err != nil {
		return false, false, err
	}
	defer snap.release()
	var files []string
	for _, g := range snap.segs {
		if d := g.Deleted(); d != nil && !d.IsEmpty() {
			return false, len(snap.segs) == 1, nil
		}
		if p, ok := g.Segment().(interface{ Path() string }); ok {
			files = append(files, filepath.Base(p.Path()))
		}
	}
	if len(files) < len(snap.segs) {
		return false, false, nil // some are in memory still
	}
	entries, err := os.ReadDir(filepath.Join(x.opt.Dir, "index", "bleve", "store"))
	if err != nil {
		return false, false, fmt.Errorf("list segments: %w", err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".zap") && !slices.Contains(files, e.Name()) {
			return false, false, nil
		}
	}
	return true, false, nil
}
