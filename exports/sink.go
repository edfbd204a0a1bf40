package exports

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
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
	MaxRows  int            // contacts held before a flush
	MaxBytes int64          // text held before a flush
	MaxAge   time.Duration  // of the oldest row held
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
		Now:    time.Now,
	}
}

// Sink writes the tables. Its methods are those of the pipeline's sinks: one
// goroutine at a time, Durable at any time.
type Sink struct {
	fs     FS
	loc    *time.Location
	opt    Options
	writer string // names this process's folder under _staging
	unlock func() error
	serial int

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
	next      int64 // the next offset wanted
	contacts  []contactRow
	voices    []voiceRow
	dead      []deadRow
	deletions []deletionRow
}

// Open opens the tables under o.FS, completes what a crash left half done and
// removes what no entry of the ledger names. Close releases them.
func Open(_ context.Context, o Options) (*Sink, error) {
	d := DefaultOptions()
	o.MaxRows, o.MaxBytes, o.MaxAge = cmp.Or(o.MaxRows, d.MaxRows), cmp.Or(o.MaxBytes, d.MaxBytes), cmp.Or(o.MaxAge, d.MaxAge)
	if o.Now == nil {
		o.Now = d.Now
	}
	if o.Location == nil {
		return nil, errors.New("open exports: no time zone")
	}
	s := &Sink{fs: o.FS, loc: o.Location, opt: o, writer: strings.ToLower(rand.Text()), parts: map[voc.Partition]*buffer{}, durable: map[voc.Partition]int64{}}
	if err := s.open(); err != nil {
		return nil, hint(fmt.Errorf("open exports: %w", err))
	}
	return s, nil
}

func (s *Sink) open() error {
	for _, d := range []string{ledgerDir, stagingDir + "/" + s.writer} {
		if err := s.fs.MkdirAll(d); err != nil {
			return err
		}
	}
	unlock, held, err := s.fs.Lock(stagingDir + "/" + s.writer + "/lock")
	if err != nil || !held {
		return errors.Join(err, fmt.Errorf("lock the staging folder %s", s.writer))
	}
	s.unlock = unlock
	if err := s.checkFormat(); err != nil {
		return errors.Join(err, unlock())
	}
	all, err := chains(s.fs)
	if err == nil {
		for _, c := range all {
			for i := range c.entries {
				err = errors.Join(err, place(s.fs, &c.entries[i]))
			}
		}
	}
	if err == nil {
		err = s.sweep()
	}
	if err != nil {
		return errors.Join(err, unlock())
	}
	return nil
}

// checkFormat writes the format file of a new folder and compares that of an
// old one.
func (s *Sink) checkFormat() error {
	want := fmt.Sprintf("koe exports 1\nzone %s\n", s.loc)
	ok, err := s.fs.Exists("format")
	if err != nil {
		return err
	}
	if !ok {
		tmp := s.stagingName("format")
		f, err := s.fs.Create(tmp)
		if err != nil {
			return err
		}
		_, err = io.WriteString(f, want)
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			return err
		}
		if err := s.fs.Rename(tmp, "format"); err != nil {
			return err
		}
		return s.fs.SyncDir(".")
	}
	f, err := s.fs.Open("format")
	if err != nil {
		return err
	}
	have, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if string(have) != want {
		return fmt.Errorf("the folder was made as %q, this koe wants %q; use the zone it was made with, or another folder", have, want)
	}
	return nil
}

// sweep removes the staging folders of processes that are gone. Their files
// are in place by now, or no entry names them.
func (s *Sink) sweep() error {
	writers, err := s.fs.List(stagingDir)
	if err != nil {
		return fmt.Errorf("list the staging folder: %w", err)
	}
	for _, w := range writers {
		if w == s.writer {
			continue
		}
		dir := stagingDir + "/" + w
		unlock, held, err := s.fs.Lock(dir + "/lock")
		if err != nil {
			return fmt.Errorf("lock %s: %w", dir, err)
		}
		if !held {
			continue // its process lives
		}
		err = s.clear(dir)
		if err := errors.Join(err, unlock()); err != nil {
			return fmt.Errorf("clear %s: %w", dir, err)
		}
	}
	return nil
}

// clear removes a staging folder, its lock last.
func (s *Sink) clear(dir string) error {
	names, err := s.fs.List(dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n != "lock" {
			if err := s.fs.Remove(dir + "/" + n); err != nil {
				return err
			}
		}
	}
	return errors.Join(s.fs.Remove(dir+"/lock"), s.fs.Remove(dir))
}

func (s *Sink) stagingName(what string) string {
	s.serial++
	return fmt.Sprintf("%s/%s/%06d-%s", stagingDir, s.writer, s.serial, what)
}

// Name is "exports".
func (s *Sink) Name() string { return "exports" }

// Resume reads the ledger anew for the partitions assigned. What is held of a
// partition stays if it is still assigned and nobody else has published it.
func (s *Sink) Resume(_ context.Context, assigned []voc.Partition) (map[voc.Partition]int64, error) {
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
		b.chain = *c
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
func (s *Sink) Flush(ctx context.Context) error {
	for _, p := range slices.SortedFunc(maps.Keys(s.parts), voc.Partition.Compare) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.flush(p, s.parts[p]); err != nil {
			return hint(fmt.Errorf("flush exports of %s: %w", p, err))
		}
	}
	s.rows, s.bytes, s.since = 0, 0, time.Time{}
	return nil
}

func (s *Sink) flush(p voc.Partition, b *buffer) error {
	if b.next == b.chain.to {
		return nil
	}
	e := &entry{Topic: p.Topic, Partition: p.ID, From: b.chain.to, To: b.next, At: s.opt.Now().UTC()}
	var err error
	if e.Files, e.Definition, err = s.stage(p, b); err != nil {
		return err
	}
	if err := s.publish(e); err != nil {
		if errors.Is(err, voc.ErrSuperseded) {
			delete(s.parts, p) // Resume reads the winner's position
			s.recount()
		}
		return err
	}
	// From here on the rows are in the ledger, whatever happens: a failed rename
	// is completed by the next Resume or Open.
	chain := b.chain
	chain.to = e.To
	chain.entries = append(chain.entries, *e)
	*b = buffer{chain: chain, next: e.To}
	if err := place(s.fs, e); err != nil {
		return err
	}
	s.mu.Lock()
	s.durable[p] = e.To
	s.mu.Unlock()
	return s.fold(p, &b.chain)
}

// Durable tells, per partition, the end of the ledger.
func (s *Sink) Durable() map[voc.Partition]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.durable)
}

// Close flushes and gives up the staging folder.
func (s *Sink) Close() error {
	err := s.Flush(context.Background())
	if cl := s.clear(stagingDir + "/" + s.writer); err == nil {
		err = cl
	}
	return errors.Join(err, s.unlock())
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
