package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Config says how the runner shares out its work.
type Config struct {
	Workers     int           // messages labelled at the same time
	Batch       int           // items handed to the sinks in one Write at most
	Tick        time.Duration // how long an item waits for its batch to fill, and how often idle sinks look at their clocks
	Commit      time.Duration // how often durable positions are committed
	Drain       time.Duration // how long a stop may take before work is cut off
	InFlight    int64         // bytes of message values between source and sinks at most
	Retries     int           // how often a failed Write or Flush is tried again
	RetryPause  time.Duration // before the first retry; it doubles each time
	MaxMessages int           // messages between source and sinks at most

	// MaxDeadShare is the share of dead letters among a topic's last messages
	// above which Run ends with a *DeadShareError; 0: no limit.
	MaxDeadShare float64
}

// DefaultConfig returns the values that koe starts with.
func DefaultConfig() Config {
	return Config{
		Workers: runtime.GOMAXPROCS(0),
		// bleve's cost per document falls until batches of about 4,000; 1,000
		// keeps a batch within the second that a contact may take to be found.
		Batch: 1000,
		Tick:  250 * time.Millisecond,
		// Committed offsets are for others to see: lag displays poll at this rate.
		Commit: 5 * time.Second,
		// Below the 30 s after which supervisors such as systemd and Kubernetes kill.
		Drain:       25 * time.Second,
		InFlight:    64 << 20,
		Retries:     5,
		RetryPause:  200 * time.Millisecond, // 0.2 + 0.4 + … + 3.2 s = 6.2 s in all
		MaxMessages: 4096,
	}
}

// Validate reports the first value that cannot work.
func (c Config) Validate() error {
	switch {
	case c.Workers < 1:
		return errors.New("workers: want at least 1")
	case c.Batch < 1:
		return errors.New("batch: want at least 1")
	case c.MaxMessages < 1 || c.InFlight < 1:
		return errors.New("in flight: want at least 1 message and 1 byte")
	case c.MaxDeadShare < 0 || c.MaxDeadShare > 1:
		return errors.New("dead share: want 0 to 1")
	case c.Tick <= 0 || c.Commit <= 0 || c.Drain <= 0 || c.RetryPause <= 0 || c.Retries < 0:
		return errors.New("durations: want more than 0")
	}
	return nil
}

// NamedStage is a stage with the word under which its time is reported.
type NamedStage struct {
	Name  string
	Stage Stage
}

// Observe is told how long an operation took: "write" or "flush" of a sink,
// "commit" of the group. It is called by several goroutines.
type Observe func(sink, operation string, took time.Duration, err error)

// Parts are what a runner joins. All but Logger are required; Sinks holds at
// least one.
type Parts struct {
	Source  Source
	Decoder Decoder
	Masker  Masker
	Stages  []NamedStage
	Sinks   []Sink
	Logger  *slog.Logger // nil: discarded
	Observe Observe      // nil: nobody looks
}

// Runner moves messages from one source to its sinks. Run may be called once;
// Stats is safe at any time.
type Runner struct {
	cfg   Config
	parts Parts
	log   *slog.Logger
	stats counters
}

// New checks and joins. It starts nothing and closes nothing: source and sinks
// belong to the caller.
func New(cfg Config, p Parts) (*Runner, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("runner: %w", err)
	}
	if p.Source == nil || p.Decoder == nil || p.Masker == nil || len(p.Sinks) == 0 {
		return nil, errors.New("runner: a source, a decoder, a masker and a sink are needed")
	}
	r := &Runner{cfg: cfg, parts: p, log: p.Logger}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if r.parts.Observe == nil {
		r.parts.Observe = func(string, string, time.Duration, error) {}
	}
	r.stats.init(p.Stages)
	return r, nil
}

// Run reads until the source ends (nil) or ctx is done (nil too, after a
// drain: what was read is labelled, written and flushed). Any other end is an
// error; sinks then hold what they hold, and a later run goes on from their
// own positions.
func (r *Runner) Run(ctx context.Context) error {
	for {
		s, err := r.parts.Source.Next(ctx)
		switch {
		case errors.Is(err, io.EOF), ctx.Err() != nil:
			return r.finish(ctx)
		case err != nil:
			return fmt.Errorf("source: %w", err)
		}
		if err := r.session(ctx, s); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return r.finish(ctx)
		}
	}
}

// finish makes durable what was written, also after a stop.
func (r *Runner) finish(ctx context.Context) error {
	work, cancel := r.outlive(ctx)
	defer cancel(nil)
	return r.each(work, "flush", func(ctx context.Context, sink Sink) error { return sink.Flush(ctx) })
}

// outlive returns a context that ends Drain after ctx does, so that what was
// read before a stop is labelled, written and flushed.
func (r *Runner) outlive(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(r.cfg.Drain, func() { cancel(errDrain) })
		context.AfterFunc(work, func() { t.Stop() })
	})
	return work, func(cause error) {
		stop()
		cancel(cause)
	}
}

var errDrain = errors.New("the drain took too long; what was not flushed will be read again")

// session reads one session, again from the sinks' positions each time another
// process has published some of them first.
func (r *Runner) session(ctx context.Context, s Session) error {
	for {
		err := r.read(ctx, s)
		if !errors.Is(err, ErrSuperseded) {
			return err
		}
		r.log.Warn("positions were published by another process, reading on from there")
		if !pause(ctx, r.cfg.RetryPause) {
			return nil
		}
	}
}

// resume asks every sink for its positions and returns the smallest of each
// partition; a partition that one of the sinks never saw starts at its first
// message.
func (r *Runner) resume(ctx context.Context, assigned []voc.Partition) (map[voc.Partition]int64, error) {
	from := make(map[voc.Partition]int64, len(assigned))
	for i, sink := range r.parts.Sinks {
		at, err := sink.Resume(ctx, assigned)
		if err != nil {
			return nil, fmt.Errorf("resume %s: %w", sink.Name(), err)
		}
		for _, p := range assigned {
			if i == 0 {
				from[p] = at[p]
			}
			from[p] = min(from[p], at[p])
		}
	}
	for p, pos := range from {
		if pos == 0 {
			delete(from, p)
		}
		r.stats.start.Add(pos)
	}
	return from, nil
}

type job struct {
	msg  voc.Message
	size int64
	item voc.Item
	done chan struct{}
}

// read runs the stages over one stretch of a session. Three kinds of
// goroutines: this one reads, Workers label, one writes in the order of
// reading. work outlives ctx so that what was read is written.
func (r *Runner) read(ctx context.Context, s Session) error {
	from, err := r.resume(ctx, s.Partitions())
	if err != nil {
		return err
	}
	r.stats.ready.Store(true)
	defer r.stats.ready.Store(false)
	work, cancel := r.outlive(ctx)
	defer cancel(nil)
	reading, stopReading := context.WithCancel(ctx)
	defer stopReading()

	jobs := make(chan *job, r.cfg.Workers)
	ordered := make(chan *job, r.cfg.MaxMessages)
	room := semaphore.NewWeighted(r.cfg.InFlight)
	var workers sync.WaitGroup
	for range r.cfg.Workers {
		workers.Go(func() {
			for j := range jobs {
				j.item = r.process(work, j.msg)
				j.msg = voc.Message{} // the payload goes, whatever becomes of the item
				close(j.done)
			}
		})
	}
	written := make(chan error, 1)
	go func() {
		err := r.write(work, s, ordered, room)
		if err != nil {
			stopReading()
			cancel(err)
		}
		written <- err
	}()
	readErr := s.Read(reading, from, func(m voc.Message) error {
		j := &job{msg: m, size: min(int64(len(m.Value))+1, r.cfg.InFlight), done: make(chan struct{})}
		if err := room.Acquire(reading, j.size); err != nil {
			return err
		}
		select {
		case ordered <- j:
		case <-work.Done():
			return context.Cause(work)
		}
		jobs <- j // workers never stop before jobs is closed
		return nil
	})
	close(jobs)
	close(ordered)
	workers.Wait()
	if err := <-written; err != nil {
		return err
	}
	if readErr != nil && ctx.Err() == nil {
		return fmt.Errorf("read: %w", readErr)
	}
	return nil
}

// write hands items to the sinks in batches, ticks them while nothing comes,
// and commits what is durable.
func (r *Runner) write(ctx context.Context, s Session, in <-chan *job, room *semaphore.Weighted) error {
	tick := time.NewTicker(r.cfg.Tick)
	defer tick.Stop()
	batch := make([]voc.Item, 0, r.cfg.Batch)
	lastCommit := time.Now()
	shares := deadShares{limit: r.cfg.MaxDeadShare}
	put := func() error {
		err := r.each(ctx, "write", func(ctx context.Context, sink Sink) error { return sink.Write(ctx, batch) })
		batch = make([]voc.Item, 0, r.cfg.Batch)
		return err
	}
	for {
		var err error
		select {
		case j, open := <-in:
			if !open {
				if len(batch) > 0 {
					err = put()
				}
				if err == nil {
					r.commit(ctx, s)
				}
				return err
			}
			select {
			case <-j.done:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if err := shares.add(&j.item); err != nil {
				return err
			}
			batch = append(batch, j.item)
			room.Release(j.size)
			if len(batch) >= r.cfg.Batch {
				err = put()
			}
		case <-tick.C:
			err = put()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		if time.Since(lastCommit) >= r.cfg.Commit {
			r.commit(ctx, s)
			lastCommit = time.Now()
		}
	}
}

// commit tells the group what every sink holds for good. A commit that fails
// is no loss: positions live in the sinks.
func (r *Runner) commit(ctx context.Context, s Session) {
	next := make(map[voc.Partition]int64)
	for _, p := range s.Partitions() {
		for i, sink := range r.parts.Sinks {
			pos, ok := sink.Durable()[p]
			if !ok {
				delete(next, p)
				break
			}
			if have, seen := next[p]; i == 0 || seen && pos < have {
				next[p] = pos
			}
		}
	}
	if len(next) == 0 {
		return
	}
	start := time.Now()
	err := s.Commit(ctx, next)
	r.parts.Observe("group", "commit", time.Since(start), err)
	if err != nil {
		r.log.Warn("commit to the group", slog.Any("error", err))
	}
}

// each calls do for all sinks at the same time and tries a failed one again
// with a doubling pause.
func (r *Runner) each(ctx context.Context, what string, do func(context.Context, Sink) error) error {
	var g errgroup.Group
	for _, sink := range r.parts.Sinks {
		g.Go(func() error {
			wait := r.cfg.RetryPause
			for try := 0; ; try++ {
				start := time.Now()
				err := do(ctx, sink)
				took := time.Since(start)
				r.stats.sink(sink.Name(), took)
				r.parts.Observe(sink.Name(), what, took, err)
				switch {
				case err == nil:
					return nil
				case errors.Is(context.Cause(ctx), errDrain):
					return fmt.Errorf("%s %s: %w", what, sink.Name(), errDrain)
				case errors.Is(err, ErrSuperseded), try >= r.cfg.Retries, ctx.Err() != nil:
					return fmt.Errorf("%s %s: %w", what, sink.Name(), err)
				}
				r.log.Warn("sink failed, trying again", slog.String("sink", sink.Name()), slog.Any("error", err), slog.Duration("pause", wait))
				if !pause(ctx, wait) {
					return fmt.Errorf("%s %s: %w", what, sink.Name(), err)
				}
				wait *= 2
			}
		})
	}
	return g.Wait()
}

// pause waits for d and reports whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
