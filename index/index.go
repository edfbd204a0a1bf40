package index

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	bleveindex "github.com/blevesearch/bleve_index_api"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/index/segment"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Analyzer gives the words of a query the form of the words of a record.
type Analyzer interface {
	Tokenize(text string) []voc.Token
}

// Erased tells what must not be kept.
type Erased interface {
	// Refresh takes in what other processes have erased.
	Refresh() error
	// Holds reports whether a version of a contact was erased.
	Holds(s voc.Subject) bool
}

// Options say where the index is and what it needs to know.
type Options struct {
	Dir      string         // the data folder; the index is in its folder index
	Location *time.Location // zone of days; fixed in the format file at creation
	Words    Analyzer
	Erased   Erased // what is not kept; nil: everything is
	Dict     *dict.Set
	MaxBatch int           // documents in a batch; 0: 4,000
	MaxAge   time.Duration // of the oldest document held back, at most; 0: 1 s
	Now      func() time.Time
	Logger   *slog.Logger
}

// Index is an open index. The methods of the sink are for one goroutine at a
// time, those that read for any number.
type Index struct {
	opt   Options
	bleve bleve.Index
	store bleveindex.Index
	fold  map[string]string // synonym to the word that stands for its group
	pack  *packer

	// Of the sink.
	pending []voc.Applied
	took    time.Duration           // to write the last batch
	latest  map[string]voc.Revision // of what is pending
	next    map[voc.Partition]int64 // next offset wanted
	since   time.Time
	pool    []*document
	numbers *segment.Vocabulary // of the words of the text, folded; nil before the first batch

	writing sync.Mutex // held from asking what was erased until the batch is in

	mu        sync.Mutex
	durable   map[voc.Partition]int64
	persisted chan struct{} // closed and made anew each time durable moves
	failed    error         // of bleve's persister
	columns   map[uint64]*segmentColumns
}

// formatVersion counts incompatible changes of the fields of a document.
const formatVersion = "koe index 1"

// Open opens the index of a data folder, which the caller has locked, or makes
// a new one. Close releases it.
func Open(o Options) (*Index, error) {
	if o.MaxBatch == 0 {
		// bleve's cost per document falls until about 4,000 in a batch.
		o.MaxBatch = 4000
	}
	if o.MaxAge == 0 {
		o.MaxAge = time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	x := &Index{
		opt: o, latest: map[string]voc.Revision{}, next: map[voc.Partition]int64{}, durable: map[voc.Partition]int64{},
		persisted: make(chan struct{}), columns: map[uint64]*segmentColumns{},
	}
	var err error
	if x.fold, err = synonyms(o.Dict); err != nil {
		return nil, err
	}
	if x.pack, err = newPacker(); err != nil {
		return nil, err
	}
	register()
	if err := x.open(filepath.Join(o.Dir, "index")); err != nil {
		return nil, fmt.Errorf("open index %s: %w", o.Dir, hint(err))
	}
	return x, nil
}

// register makes package segment write the segments. bleve keeps its plugins in a
// map of the process without a lock, and an index takes its plugin when it is
// opened: so this happens once, and before. The plugin has the name of bleve's
// own, which stands in every index: stock bleve opens what koe wrote.
var register = sync.OnceFunc(func() { scorch.RegisterSegmentPlugin(segment.New(fieldText), true) })

func (x *Index) open(dir string) error {
	want := fmt.Sprintf("%s\nzone %s\n", formatVersion, x.opt.Location)
	name := filepath.Join(dir, "format")
	have, err := os.ReadFile(name)
	config := map[string]any{
		// A batch is searchable when it returns and durable when bleve says so; the
		// position travels inside it, so a crash falls back to both.
		"unsafe_batch": true,
		// bleve's files admit one process: a second one must not hang.
		"bolt_timeout": "1s",
	}
	path := filepath.Join(dir, "bleve")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// A crash between the folder and the format file left nothing of worth.
		if err := os.RemoveAll(path); err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := create(path); err != nil {
			return err
		}
		if err := writeSynced(name, want); err != nil {
			return err
		}
	case err != nil:
		return err
	case string(have) != want:
		return fmt.Errorf("it was made as %q, this koe wants %q; use the zone it was made with, or another --data folder", have, want)
	}
	if x.bleve, err = bleve.OpenUsing(path, config); err != nil {
		return err
	}
	if x.store, err = x.bleve.Advanced(); err != nil {
		return errors.Join(err, x.bleve.Close())
	}
	return x.positions()
}

// create makes an empty index that is on disk when it returns: the format file,
// written next, says that it is whole.
func create(path string) error {
	m := bleve.NewIndexMapping()
	m.DefaultMapping.Dynamic = false
	b, err := bleve.NewUsing(path, m, scorch.Name, scorch.Name, nil)
	if err != nil {
		return err
	}
	return b.Close()
}

func writeSynced(name, text string) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.WriteString(text); err != nil {
		return err
	}
	return f.Sync()
}

// Close flushes and releases the index. It may be called once.
func (x *Index) Close() error {
	err := x.Flush(backgroundForClose())
	return errors.Join(err, x.bleve.Close())
}

// ErrLocked is returned by Lock while another process holds the folder.
var ErrLocked = errors.New("another koe holds the data folder")

// Lock takes the data folder for this process; it makes the folder if needed.
// unlock gives it up, and so does the end of the process.
func Lock(dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", hint(err))
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", hint(err))
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrLocked
		}
		return nil, errors.Join(fmt.Errorf("lock %s: %w", dir, err), f.Close())
	}
	return f.Close, nil
}

// hint adds what to do to the errors that a person can mend.
func hint(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w; make room on the disk of the data folder and start again: nothing is lost", err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return fmt.Errorf("%w; make the data folder writable for koe, or name another with --data", err)
	}
	return err
}

// synonyms reads synonyms.tsv: groups of words of which the first stands for
// all.
func synonyms(d *dict.Set) (map[string]string, error) {
	t, err := d.Table("synonyms.tsv")
	if err != nil {
		return nil, err
	}
	fold := map[string]string{}
	for _, r := range t.Rows {
		words := r.List("words")
		for _, w := range words[min(1, len(words)):] {
			if c, dup := fold[w]; dup {
				return nil, fmt.Errorf("dictionary file %s line %d: %s stands with %s already", t.Name, r.Line, w, c)
			}
			fold[w] = words[0]
		}
	}
	for w, c := range fold {
		if _, chain := fold[c]; chain {
			return nil, fmt.Errorf("dictionary file %s: %s stands for %s and has a group of its own", t.Name, c, w)
		}
	}
	return fold, nil
}
