package index_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/query"
	"github.com/koe-voc/koe/pipeline/voc"
)

// set of erased ids that may grow meanwhile.
type erasedIDs struct {
	mu  sync.Mutex
	ids []string
}

func (e *erasedIDs) Refresh() error { return nil }
func (e *erasedIDs) Holds(s voc.Subject) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Contains(e.ids, s.ID) || slices.Contains(e.ids, s.Customer)
}

func (e *erasedIDs) add(ids ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ids = append(e.ids, ids...)
}

// wordsOnDisk lists the words that any segment of the folder holds, of live
// documents or not, and the files.
func wordsOnDisk(t *testing.T, dir string) (words, files []string) {
	t.Helper()
	b, err := bleve.OpenUsing(filepath.Join(dir, "index", "bleve"), map[string]any{"read_only": true})
	if err != nil {
		t.Fatal(err)
	}
	store, err := b.Advanced()
	if err != nil {
		t.Fatal(err)
	}
	r, err := store.Reader()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range r.(*scorch.IndexSnapshot).Segments() {
		for _, f := range g.Segment().Fields() {
			d, err := g.Segment().Dictionary(f)
			if err != nil {
				t.Fatal(err)
			}
			it := d.AutomatonIterator(nil, nil, nil)
			for e, err := it.Next(); e != nil; e, err = it.Next() {
				if err != nil {
					t.Fatal(err)
				}
				words = append(words, e.Term)
			}
		}
		files = append(files, filepath.Base(g.Segment().(interface{ Path() string }).Path()))
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return words, files
}

func TestPurgeLeavesNoWordInAnyFile(t *testing.T) {
	dir, e, x := erasing(t)
	mine := func(r *voc.Record) { r.CustomerKey = "h1:me" }
	write := func(items ...voc.Item) {
		t.Helper()
		if err := x.Write(t.Context(), items); err != nil {
			t.Fatal(err)
		}
		if err := x.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	write(contact(t, 0, "炊飯器が爆発", nil), contact(t, 1, "駐車場が狭い", mine))
	write(contact(t, 2, "配送が遅い", nil), contact(t, 3, "店員が親切", mine))
	older := contact(t, 4, "冷蔵庫が沈黙", nil)
	write(older)
	newer := contact(t, 5, "冷蔵庫が静か", nil)
	newer.Changes[0].ID, newer.Changes[0].Record.ID = "t/004", "t/004"
	write(newer)

	// Searches go on meanwhile, and see each contact whole or not at all.
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			res, err := x.Search(t.Context(), index.Request{Query: query.All{}, Size: 10})
			if err != nil || res.Contacts < 2 || res.Contacts > 5 {
				t.Errorf("a search meanwhile: %v, %v", res, err)
				return
			}
		}
	})
	e.add("t/000", "h1:me")
	n, err := x.Purge(t.Context())
	close(stop)
	wg.Wait()
	if err != nil || n != 3 {
		t.Fatalf("%d removed, %v", n, err)
	}
	if d := cmp.Diff([]string{"t/002 配送が遅い", "t/004 冷蔵庫が静か"}, dump(t, x)); d != "" {
		t.Error(d)
	}
	// A replay does not bring it back, nor does what waits in the sink.
	again := contact(t, 6, "炊飯器が爆発", nil)
	again.Changes[0].ID, again.Changes[0].Record.ID = "t/000", "t/000"
	write(again, contact(t, 7, "配送が丁寧", nil))
	if n, err := x.Purge(t.Context()); err != nil || n != 0 {
		t.Errorf("a second time: %d removed, %v", n, err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	words, files := wordsOnDisk(t, dir)
	for _, w := range []string{"炊飯器", "爆発", "駐車", "駐車場", "狭い", "店員", "親切", "沈黙", "t/000", "t/001", "t/003", "h1:me"} {
		if slices.Contains(words, w) {
			t.Errorf("a segment still holds %s", w)
		}
	}
	if !slices.Contains(words, "配達") || !slices.Contains(words, "静か") {
		t.Errorf("the words are %q", words)
	}
	there, err := os.ReadDir(filepath.Join(dir, "index", "bleve", "store"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range there {
		if strings.HasSuffix(f.Name(), ".zap") && !slices.Contains(files, f.Name()) {
			t.Errorf("%s is left over", f.Name())
		}
	}
}

// erasing opens a new index that asks e what was erased.
func erasing(t *testing.T) (dir string, e *erasedIDs, x *index.Index) {
	t.Helper()
	dir, e = t.TempDir(), &erasedIDs{}
	o := options(dir)
	o.Erased = e
	x, err := index.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return dir, e, x
}

// TestPurgeLeavesNothingInTheNextContact: documents are pooled, and the second
// contact takes the place of the first.
func TestPurgeLeavesNothingInTheNextContact(t *testing.T) {
	dir, e, x := erasing(t)
	for _, it := range []voc.Item{
		contact(t, 0, "炊飯器が爆発", func(r *voc.Record) { r.CustomerKey = "h1:me" }),
		contact(t, 1, "配送が遅い", func(r *voc.Record) { r.CustomerKey, r.Product, r.Shop = "h1:you", "鍋", "新宿店" }),
	} {
		if err := x.Write(t.Context(), []voc.Item{it}); err != nil {
			t.Fatal(err)
		}
		if err := x.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	e.add("h1:me")
	if n, err := x.Purge(t.Context()); err != nil || n != 1 {
		t.Fatalf("%d removed, %v", n, err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if words, _ := wordsOnDisk(t, dir); slices.Contains(words, "t/000") || slices.Contains(words, "h1:me") || !slices.Contains(words, "t/001") {
		t.Errorf("left: %q", words)
	}
}

func TestPurgeOfAnIndexOfOneSegment(t *testing.T) {
	dir, e, x := erasing(t)
	if err := x.Write(t.Context(), []voc.Item{contact(t, 0, "炊飯器が爆発", nil), contact(t, 1, "配送が遅い", nil)}); err != nil {
		t.Fatal(err)
	}
	if err := x.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, id := range []string{"t/000", "t/001"} {
		e.add(id)
		if n, err := x.Purge(t.Context()); err != nil || n != 1 {
			t.Fatalf("%d removed, %v", n, err)
		}
		if got := dump(t, x); len(got) != 1-i {
			t.Errorf("%q", got)
		}
	}
	s, err := x.Status(t.Context())
	if err != nil || s.Contacts != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if words, _ := wordsOnDisk(t, dir); slices.Contains(words, "爆発") || slices.Contains(words, "遅い") {
		t.Errorf("left: %q", words)
	}
}

// TestPurgeEndsWhileContactsAreUpdated: there are always documents that are not
// live any more, but none of them is of an erased contact.
func TestPurgeEndsWhileContactsAreUpdated(t *testing.T) {
	dir, e, x := erasing(t)
	if err := x.Write(t.Context(), []voc.Item{contact(t, 0, "炊飯器が爆発", nil)}); err != nil {
		t.Fatal(err)
	}
	stop, written := make(chan struct{}), 0
	var wg sync.WaitGroup
	wg.Go(func() {
		for ; ; written++ {
			select {
			case <-stop:
				return
			default:
			}
			it := contact(t, written+1, "配送が遅い", nil)
			it.Changes[0].ID, it.Changes[0].Record.ID = "t/same", "t/same"
			if err := x.Write(t.Context(), []voc.Item{it}); err != nil {
				t.Error(err)
				return
			}
			if err := x.Flush(t.Context()); err != nil {
				t.Error(err)
				return
			}
		}
	})
	e.add("t/000")
	n, err := x.Purge(t.Context())
	close(stop)
	wg.Wait()
	if err != nil || n > 1 {
		t.Errorf("%d removed, %v", n, err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if words, _ := wordsOnDisk(t, dir); slices.Contains(words, "爆発") {
		t.Errorf("left beside %d updates: %q", written, words)
	}
}

// TestPurgeCompletesWhatACrashCutOff: the contact is out of sight already.
func TestPurgeCompletesWhatACrashCutOff(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir)
	deleted := contact(t, 2, "", nil)
	deleted.Changes[0].ID, deleted.Changes[0].Record = "t/000", nil
	for _, it := range []voc.Item{contact(t, 0, "炊飯器が爆発", nil), contact(t, 1, "配送が遅い", nil), deleted} {
		if err := x.Write(t.Context(), []voc.Item{it}); err != nil {
			t.Fatal(err)
		}
		if err := x.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	o := options(dir)
	o.Erased = &erasedIDs{ids: []string{"t/000"}}
	x, err := index.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if words, _ := wordsOnDisk(t, dir); slices.Contains(words, "爆発") || slices.Contains(words, "t/000") || !slices.Contains(words, "遅い") {
		t.Errorf("left: %q", words)
	}
}
