package index

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"time"

	bleveindex "github.com/blevesearch/bleve_index_api"
	"golang.org/x/sys/unix"

	"github.com/koe-voc/koe/index/segment"
	"github.com/koe-voc/koe/pipeline/voc"
)

// positionPrefix begins the internal keys that hold positions.
const positionPrefix = "position:"

// positions reads those of the snapshot that was opened.
func (x *Index) positions() error {
	snap, err := x.snapshot()
	if err != nil {
		return err
	}
	defer snap.release()
	for key, value := range snap.index.Internal() {
		if !strings.HasPrefix(key, positionPrefix) {
			continue
		}
		var p position
		if err := json.Unmarshal(value, &p); err != nil {
			return fmt.Errorf("read position: %w", err)
		}
		x.next[p.Partition] = p.Next
	}
	x.durable = maps.Clone(x.next)
	return nil
}

// position is the value of an internal key.
type position struct {
	Partition voc.Partition `json:"partition"`
	Next      int64         `json:"next"`
}

// Name is "index".
func (x *Index) Name() string { return "index" }

// Resume tells the index's own positions, also those of what is not yet
// flushed: the index has one process, which keeps all partitions.
func (x *Index) Resume(_ context.Context, assigned []voc.Partition) (map[voc.Partition]int64, error) {
	out := make(map[voc.Partition]int64, len(assigned))
	for _, p := range assigned {
		if n, ok := x.next[p]; ok {
			out[p] = n
		}
	}
	return out, nil
}

// Write holds the changes until the batch is full or old enough.
func (x *Index) Write(ctx context.Context, items []voc.Item) error {
	if err := x.persisterError(); err != nil {
		return err
	}
	for i := range items {
		it := &items[i]
		if it.Offset < x.next[it.Partition] {
			continue
		}
		if x.since.IsZero() {
			x.since = x.opt.Now()
		}
		x.pending = append(x.pending, it.Changes...)
		x.next[it.Partition] = it.Offset + 1
		if len(x.pending) >= x.opt.MaxBatch {
			if err := x.batch(ctx); err != nil {
				return err
			}
		}
	}
	if !x.since.IsZero() && x.opt.Now().Sub(x.since) >= x.patience() {
		return x.batch(ctx)
	}
	return nil
}

// patience is how long the oldest document is held back. While batches are
// quick to write, as they are where contacts come in one by one, a quarter of
// MaxAge: at 500 contacts a second that takes most of a second off the time until
// they are found. Under load batches take longer and so become larger, and a
// document cheaper.
func (x *Index) patience() time.Duration {
	return min(max(patienceFactor*x.took, x.opt.MaxAge/4), x.opt.MaxAge)
}

// patienceFactor keeps the share of the time in which batches are written below
// a third.
const patienceFactor = 2

// batch gives bleve what is pending, with the positions. When it returns, the
// documents are found; bleve tells later when they are durable.
func (x *Index) batch(context.Context) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	begin := x.opt.Now()
	if x.opt.Erased != nil {
		if err := x.opt.Erased.Refresh(); err != nil {
			return fmt.Errorf("write index: %w", err)
		}
		x.pending = slices.DeleteFunc(x.pending, func(c voc.Applied) bool { return x.opt.Erased.Holds(subject(c)) })
	}
	changes, err := x.newest()
	if err != nil {
		return err
	}
	b := bleveindex.NewBatch()
	if x.numbers == nil || x.numbers.Len() > mostWords {
		x.numbers = segment.NewVocabulary(x.fold)
	}
	for i, c := range changes {
		if i == len(x.pool) {
			x.pool = append(x.pool, &document{})
		}
		d := x.pool[i]
		if c.Record == nil {
			d.tombstone(c)
		} else {
			if d.rec, err = x.pack.pack(c.Record, d.rec); err != nil {
				return err
			}
			d.fill(c.Record, x.opt.Location, x.numbers)
		}
		b.Update(d)
	}
	at := maps.Clone(x.next)
	for p, n := range at {
		value, err := json.Marshal(position{p, n})
		if err != nil {
			return fmt.Errorf("write position: %w", err)
		}
		b.SetInternal([]byte(positionPrefix+p.String()), value)
	}
	b.SetPersistedCallback(func(err error) { x.persistedAt(at, err) })
	if err := x.store.Batch(b); err != nil {
		return fmt.Errorf("write index: %w", hint(err))
	}
	for _, d := range x.pool[:len(changes)] {
		d.reset("")
	}
	clear(x.pending)
	x.pending, x.since = x.pending[:0], time.Time{}
	x.took = x.opt.Now().Sub(begin)
	return nil
}

// mostWords is how large the vocabulary may grow before a batch starts a new one:
// some 90 MB. Most of it is then names, codes and slips that came once.
const mostWords = 1 << 20

func subject(c voc.Applied) voc.Subject {
	if c.Record != nil {
		return c.Record.Subject()
	}
	return voc.Subject{ID: c.ID, Revision: c.Revision}
}

// newest keeps of the pending changes those that no newer revision stands
// against, in the batch or in the index.
func (x *Index) newest() ([]voc.Applied, error) {
	clear(x.latest)
	last := make(map[string]int, len(x.pending))
	for i, c := range x.pending {
		if rev, ok := x.latest[c.ID]; !ok || rev.Compare(c.Revision) <= 0 {
			x.latest[c.ID], last[c.ID] = c.Revision, i
		}
	}
	snap, err := x.snapshot()
	if err != nil {
		return nil, err
	}
	defer snap.release()
	out := make([]voc.Applied, 0, len(last))
	for i, c := range x.pending {
		if last[c.ID] != i {
			continue
		}
		have, ok, err := snap.revision(c.ID)
		if err != nil {
			return nil, err
		}
		if !ok || have.Compare(c.Revision) <= 0 {
			out = append(out, c)
		}
	}
	return out, nil
}

func (x *Index) persistedAt(at map[voc.Partition]int64, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err != nil {
		x.failed = err
	} else {
		for p, n := range at {
			x.durable[p] = max(x.durable[p], n)
		}
	}
	close(x.persisted)
	x.persisted = make(chan struct{})
}

func (x *Index) persisterError() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.failed != nil {
		return fmt.Errorf("write index: %w", hint(x.failed))
	}
	return nil
}

// Flush gives bleve what is pending and waits until it is durable.
func (x *Index) Flush(ctx context.Context) error {
	if !x.since.IsZero() {
		if err := x.batch(ctx); err != nil {
			return err
		}
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	waited := 0
	for {
		x.mu.Lock()
		done, err, moved := true, x.failed, x.persisted
		for p, n := range x.next {
			done = done && x.durable[p] >= n
		}
		x.mu.Unlock()
		if err != nil {
			return fmt.Errorf("flush index: %w", hint(err))
		}
		if done {
			return nil
		}
		select {
		case <-moved:
			waited = 0
		case <-look.C:
			if waited++; x.stuck(waited) {
				return x.persisterError()
			}
		case <-ctx.Done():
			return fmt.Errorf("flush index: %w", context.Cause(ctx))
		}
	}
}

// The persister tries again for ever when it cannot write, and tells nobody:
// a full disk is told from the room that is left, anything else from the time.
const (
	lookEvery = time.Second
	leastRoom = 1 << 20 // bytes; a segment of one batch needs more
	patience  = 180     // looks without a snapshot on disk
)

// stuck reports whether waiting for the persister is of no use, and remembers
// why: from then on every write fails at once.
func (x *Index) stuck(looks int) bool {
	var fs unix.Statfs_t
	err := unix.Statfs(x.opt.Dir, &fs)
	switch {
	case err == nil && fs.Bavail*uint64(fs.Bsize) < leastRoom: //nolint:gosec // a size
		err = syscall.ENOSPC
	case looks >= patience:
		err = fmt.Errorf("nothing reached the disk for %d s", patience)
	default:
		return false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.failed == nil {
		x.failed = err
	}
	return true
}

// Durable tells the positions of the snapshot that bleve has on disk.
func (x *Index) Durable() map[voc.Partition]int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return maps.Clone(x.durable)
}
