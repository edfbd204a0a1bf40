package exports

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Options say where and when files are written. Zero values of the limits take
// those of DefaultOptions.
type Options struct {
	FS       FS
	Location *time.Location // zone of days; fixed in the format file at creation
	Cluster  string         // id of the Kafka cluster, fixed when it is first given; empty: files only, or not known
	MaxRows  int            // contacts held before a flush
	MaxBytes int64          // text held before a flush
	MaxAge   time.Duration  // of the oldest row held
	FoldAt   int            // entries of a partition that are folded into a checkpoint
	Erased   Erased         // what is not kept; nil: everything is
	Now      func() time.Time
}

// DefaultOptions returns the limits that koe starts with.
func DefaultOptions() Options {
	return Options{
		// One row group: 20,000 rows peak at 16 to 36 MB in the writer.
		MaxRows:  20_000,
		MaxBytes: 64 << 20,
		// Four files an hour and partition keep a day below 100.
		MaxAge: 15 * time.Minute,
		// Opening reads every entry: 256 small files take some 10 ms.
		FoldAt: 256,
		Now:    time.Now,
	}
}

// Erased tells what must not be kept.
type Erased interface {
	// Refresh takes in what other processes have erased.
	Refresh() error
	// Holds reports whether a version of a contact was erased.
	Holds(s voc.Subject) bool
}

// Sink writes the tables. Its methods are those of the pipeline's sinks: one
// goroutine at a time, Durable at any time.
type Sink struct {
	*workspace
	loc *time.Location
	opt Options

	parts map[voc.Partition]*buffer
	rows  int
	bytes int64
	since time.Time // when the oldest row held came

	mu      sync.Mutex
	durable map[voc.Partition]int64
}

// buffer is what is held for a partition.
type buffer struct {
	chain     chain
	next      int64  // the next offset wanted
	unplaced  *entry // published, but a rename failed
	contacts  []contactRow
	voices    []voiceRow
	dead      []deadRow
	deletions []deletionRow
}

// Open opens the tables under o.FS, completes what a crash left half done and
// removes what no entry of the ledger names. Close releases them.
func Open(ctx context.Context, o Options) (*Sink, error) {
	d := DefaultOptions()
	o.MaxRows, o.MaxBytes, o.MaxAge = cmp.Or(o.MaxRows, d.MaxRows), cmp.Or(o.MaxBytes, d.MaxBytes), cmp.Or(o.MaxAge, d.MaxAge)
	o.FoldAt = cmp.Or(o.FoldAt, d.FoldAt)
	if o.Now == nil {
		o.Now = d.Now
	}
	if o.FS == nil || o.Location == nil {
		return nil, errors.New("open exports: no folder or no time zone")
	}
	s := &Sink{workspace: &workspace{fs: o.FS}, loc: o.Location, opt: o, parts: map[voc.Partition]*buffer{}, durable: map[voc.Partition]int64{}}
	err := s.enter(ctx)
	if err == nil {
		if err = s.checkFormat(o.Location, o.Cluster); err != nil {
			err = errors.Join(err, s.unlock())
		}
	}
	if err != nil {
		return nil, hint(fmt.Errorf("open exports: %w", err))
	}
	return s, nil
}

// Name is "exports".
func (s *Sink) Name() string { return "exports" }

// Resume reads the ledger anew for the partitions assigned. What is held of a
// partition stays if it is still assigned and nobody else has published it.
func (s *Sink) Resume(ctx context.Context, assigned []voc.Partition) (_ map[voc.Partition]int64, err error) {
	leave, err := s.acquire(ctx, lockName, true)
	if err != nil {
		return nil, hint(fmt.Errorf("resume exports: %w", err))
	}
	defer func() { err = errors.Join(err, leave()) }()
	all, err := chains(s.fs)
	if err != nil {
		return nil, hint(fmt.Errorf("resume exports: %w", err))
	}
	next := make(map[voc.Partition]int64, len(assigned))
	parts := make(map[voc.Partition]*buffer, len(assigned))
	for _, p := range assigned {
		c := all[p]
		if c == nil {
			c = &chain{}
		}
		for i := range c.entries {
			if err := place(s.fs, &c.entries[i]); err != nil {
				return nil, hint(fmt.Errorf("resume exports: %w", err))
			}
		}
		b := s.parts[p]
		if b == nil || b.chain.to != c.to {
			b = &buffer{next: c.to}
		}
		b.chain, b.unplaced = *c, nil
		parts[p] = b
		if b.next > 0 {
			next[p] = b.next
		}
	}
	s.parts = parts
	s.recount()
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.durable)
	for p, b := range parts {
		if b.chain.to > 0 {
			s.durable[p] = b.chain.to
		}
	}
	return next, nil
}

func (s *Sink) recount() {
	s.rows, s.bytes = 0, 0
	for _, b := range s.parts {
		s.rows += len(b.contacts) + len(b.dead) + len(b.deletions)
		for i := range b.contacts {
			s.bytes += int64(len(b.contacts[i].Text))
		}
	}
}

// Write holds the items and flushes when the rows, their text or their age
// reach a limit. Items of partitions that were not resumed are refused.
func (s *Sink) Write(ctx context.Context, items []voc.Item) error {
	for i := range items {
		it := &items[i]
		b := s.parts[it.Partition]
		if b == nil {
			return fmt.Errorf("write exports: %s is not assigned", it.Partition)
		}
		if it.Offset < b.next {
			continue
		}
		if s.since.IsZero() {
			s.since = s.opt.Now()
		}
		s.hold(b, it)
		b.next = it.Offset + 1
	}
	if s.rows >= s.opt.MaxRows || s.bytes >= s.opt.MaxBytes || !s.since.IsZero() && s.opt.Now().Sub(s.since) >= s.opt.MaxAge {
		return s.Flush(ctx)
	}
	return nil
}

// hold converts an item into rows, so that records and tokens can go.
func (s *Sink) hold(b *buffer, it *voc.Item) {
	for _, c := range it.Changes {
		s.rows++
		if c.Record == nil {
			b.deletions = append(b.deletions, deletionRow{
				RecordID: c.ID, Revision: c.Revision.String(), RevisionAt: c.Revision.At, Day: epochDay(it.Time, s.loc),
				Topic: it.Partition.Topic, Partition: int32(it.Partition.ID), Offset: it.Offset, //nolint:gosec // Kafka's own type
				Erase: mark(c.Erase),
			})
			continue
		}
		contact, voices := rows(c.Record, s.loc)
		b.contacts = append(b.contacts, contact)
		b.voices = append(b.voices, voices...)
		s.bytes += int64(len(contact.Text))
	}
	for _, d := range it.Dead {
		s.rows++
		b.dead = append(b.dead, deadRow{
			Topic: d.Partition.Topic, Partition: int32(d.Partition.ID), Offset: d.Offset, Time: d.Time.UTC(), Day: epochDay(d.Time, s.loc), //nolint:gosec // Kafka's own type
			Reason: string(d.Reason), Field: text(d.Field), Decoder: d.Decoder, SHA256: d.SHA256, Bytes: int64(d.Bytes),
		})
	}
}

// Flush writes, publishes and places what is held, partition by partition. An
// error leaves the rest held; the same Flush may be called again.
func (s *Sink) Flush(ctx context.Context) (err error) {
	leave, err := s.acquire(ctx, lockName, true)
	if err != nil {
		return hint(fmt.Errorf("flush exports: %w", err))
	}
	defer func() { err = errors.Join(err, leave()) }()
	if s.opt.Erased != nil {
		// Whoever erases waits for this lock before it looks through the tables.
		if err := s.opt.Erased.Refresh(); err != nil {
			return fmt.Errorf("flush exports: %w", err)
		}
	}
	for _, p := range slices.SortedFunc(maps.Keys(s.parts), voc.Partition.Compare) {
		err := ctx.Err()
		if err == nil {
			err = s.flush(p, s.parts[p])
		}
		if err != nil {
			s.recount()
			return hint(fmt.Errorf("flush exports of %s: %w", p, err))
		}
	}
	s.rows, s.bytes, s.since = 0, 0, time.Time{}
	return nil
}

func (s *Sink) flush(p voc.Partition, b *buffer) error {
	if b.unplaced != nil {
		if err := s.settled(p, b); err != nil {
			return err
		}
	}
	if b.next == b.chain.to {
		return nil
	}
	if s.opt.Erased != nil {
		b.forget(s.opt.Erased, s.loc)
	}
	e := &entry{Topic: p.Topic, Partition: p.ID, From: b.chain.to, To: b.next, At: s.opt.Now().UTC()}
	var err error
	if e.Files, e.Definition, err = s.stage(p, b); err != nil {
		s.discard(e)
		return err
	}
	if err := s.publish(e); err != nil {
		if errors.Is(err, voc.ErrSuperseded) {
			delete(s.parts, p) // Resume reads the winner's position
			s.discard(e)
		} else if there, lookErr := s.fs.Exists(entryName(p, e.From)); lookErr == nil && !there {
			s.discard(e)
		}
		return err
	}
	// From here on the rows are in the ledger, whatever happens: a failed rename
	// is completed by the next Flush, Resume or Open.
	chain := b.chain
	chain.to = e.To
	chain.entries = append(chain.entries, *e)
	*b = buffer{chain: chain, next: e.To, unplaced: e}
	return s.settled(p, b)
}

// settled places the files of the entry that was published last.
func (s *Sink) settled(p voc.Partition, b *buffer) error {
	folded, err := readCheckpoint(s.fs, p)
	if err != nil {
		return err
	}
	// What is folded was placed, and may have been joined with other files since.
	if folded.To < b.unplaced.To {
		if err := place(s.fs, b.unplaced); err != nil {
			return err
		}
	}
	b.unplaced = nil
	s.mu.Lock()
	s.durable[p] = b.chain.to
	s.mu.Unlock()
	if len(b.chain.entries) < s.opt.FoldAt {
		return nil
	}
	// A quarter stays, to see what happened last.
	return s.fold(p, &b.chain, s.opt.FoldAt/4)
}

// discard removes the staged files of an entry that was not published, so that
// flushes that are tried again do not fill the disk. What cannot be removed is
// swept when the folder is opened next.
func (s *Sink) discard(e *entry) {
	for _, f := range e.Files {
		_ = s.fs.Remove(f.Staged)
	}
}

// Durable tells, per partition, the end of the ledger.
func (s *Sink) Durable() map[voc.Partition]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.durable)
}

// Close flushes and gives up the staging folder.
func (s *Sink) Close() error {
	if err := s.Flush(context.Background()); err != nil {
		// The folder may hold files that the ledger names: the next process that
		// opens the tables places them.
		return errors.Join(err, s.unlock())
	}
	if err := s.leave(); err != nil {
		return hint(fmt.Errorf("close exports: %w", err))
	}
	return nil
}

// hint adds what to do to the errors that a person can mend.
func hint(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w; make room on the disk of the out folder and start again: nothing is lost", err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return fmt.Errorf("%w; make the out folder writable for koe, or name another with --out", err)
	}
	return err
}
