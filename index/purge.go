package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
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
// the index holds a word of them, also not of versions that were replaced long
// ago: segments with such documents are written anew. It is safe beside searches
// and the methods of the sink.
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
	snap, err := x.snapshot()
	if err != nil {
		return 0, err
	}
	defer snap.release()
	columns, err := x.columnsOf(snap)
	if err != nil {
		return 0, err
	}
	b, n := bleveindex.NewBatch(), 0
	for seg, g := range snap.segs {
		live := g.DocNumbersLive()
		if err := x.eachHeld(ctx, snap, columns[seg], seg, func(id string, doc uint32) {
			if live.Contains(doc) {
				b.Delete(id)
				n++
			}
		}); err != nil {
			return 0, err
		}
	}
	if n == 0 {
		return 0, nil
	}
	return n, x.store.Batch(b)
}

// eachHeld shows the documents of a segment, live or not, that were erased.
func (x *Index) eachHeld(ctx context.Context, snap *snapshot, c *segmentColumns, seg int, see func(id string, doc uint32)) error {
	var inner error
	err := eachTerm(snap.segs[seg].Segment(), "_id", func(docs *roaring.Bitmap, id string) {
		for it := docs.Iterator(); it.HasNext() && inner == nil; {
			doc := it.Next()
			var held bool
			if held, inner = x.holds(snap, c, seg, doc, id); held {
				see(id, doc)
			}
			inner = cmp.Or(inner, ctx.Err())
		}
	})
	return cmp.Or(err, inner)
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

// rewrite leaves no segment with documents that were erased, in memory or on
// disk. bleve's own merges and new batches go on meanwhile; they make no such
// segment out of others.
func (x *Index) rewrite(ctx context.Context) error {
	store, ok := x.store.(*scorch.Scorch)
	if !ok {
		return fmt.Errorf("the store is a %T", x.store)
	}
	clean := map[uint64]bool{}
	var old []string // files that may hold them though no segment does
	for wait := firstLook; ; wait = min(2*wait, lookEvery) {
		if err := x.persist(ctx); err != nil {
			return err
		}
		dirty, segments, err := x.dirty(ctx, clean)
		if err != nil {
			return err
		}
		switch {
		case dirty && segments == 1: // bleve merges two or more
			err = x.fill()
		case dirty:
			err = store.ForceMerge(ctx, rewriteDeleted())
		case old == nil:
			old, err = x.strays()
		default:
			old = slices.DeleteFunc(old, func(name string) bool { _, err := os.Stat(name); return errors.Is(err, fs.ErrNotExist) })
			if len(old) > 0 { // bleve looks for files to remove when it has persisted something
				err = x.fill()
			}
		}
		if err != nil {
			return fmt.Errorf("rewrite segments: %w", err)
		}
		if !dirty && len(old) == 0 {
			return nil
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// dirty reports whether a segment holds documents that were erased, and how many
// segments there are. What is found clean stays so.
func (x *Index) dirty(ctx context.Context, clean map[uint64]bool) (dirty bool, segments int, err error) {
	snap, err := x.snapshot()
	if err != nil {
		return false, 0, err
	}
	defer snap.release()
	columns, err := x.columnsOf(snap)
	if err != nil {
		return false, 0, err
	}
	for seg, g := range snap.segs {
		if clean[g.Id()] {
			continue
		}
		held := false
		if err := x.eachHeld(ctx, snap, columns[seg], seg, func(string, uint32) { held = true }); err != nil {
			return false, 0, err
		}
		clean[g.Id()] = !held
		dirty = dirty || held
	}
	return dirty, len(snap.segs), nil
}

// strays lists the files of segments that are of the index no more. A reader may
// still hold them; bleve removes them after that.
func (x *Index) strays() ([]string, error) {
	snap, err := x.snapshot()
	if err != nil {
		return nil, err
	}
	defer snap.release()
	var used []string
	for _, g := range snap.segs {
		if p, ok := g.Segment().(interface{ Path() string }); ok {
			used = append(used, filepath.Base(p.Path()))
		}
	}
	dir := filepath.Join(x.opt.Dir, "index", "bleve", "store")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list segments: %w", err)
	}
	out := []string{}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".zap") && !slices.Contains(used, e.Name()) {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	return out, nil
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
