package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Read runs one reader for each partition. They take turns to deliver.
func (s *kafkaSession) Read(ctx context.Context, from map[voc.Partition]int64, deliver func(voc.Message) error) error {
	reading, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		select {
		case <-s.ended:
			cancel(errEnded)
		case <-reading.Done():
		}
	})
	readers, err := s.place(reading, from)
	if err != nil {
		return s.end(ctx, reading, err, cancel)
	}
	var turn sync.Mutex
	fail := func(err error) {
		if err != nil {
			cancel(err)
		}
	}
	for _, r := range readers {
		wg.Go(func() { fail(r.run(reading, &turn, deliver)) })
	}
	wg.Go(func() { fail(s.watch(reading, readers)) })
	<-reading.Done()
	return s.end(ctx, reading, context.Cause(reading), cancel)
}

// end tells the several ends of Read apart.
func (s *kafkaSession) end(ctx, reading context.Context, err error, cancel context.CancelCauseFunc) error {
	cancel(nil)
	switch cause := context.Cause(reading); {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(cause, errEnded):
		return nil
	}
	return err
}

// place compares the positions with the logs: it waits for brokers, goes on
// from the first message where some were deleted, and fails where a log ends
// before a position.
func (s *kafkaSession) place(ctx context.Context, from map[voc.Partition]int64) ([]*reader, error) {
	wait := s.k.cfg.backoff()
	var beyond time.Time // when a position was first seen behind the end
	for {
		ends, err := s.k.bounds(ctx, s.parts)
		if err == nil {
			var readers []*reader
			var gone []func() // losses, told once all positions are found good
			for _, p := range s.parts {
				start, given := from[p]
				b := ends[p]
				switch {
				case !given:
					start = b.first
				case start > b.end:
					err = beyondEnd(p, start, b.end)
				case start < b.first:
					was := start
					gone = append(gone, func() { s.k.lost(p, was, b.first) })
					start = b.first
				}
				r := &reader{s: s, part: p}
				r.next.Store(start)
				readers = append(readers, r)
			}
			if err == nil {
				for _, tell := range gone {
					tell()
				}
				return readers, nil
			}
			if beyond.IsZero() {
				beyond = time.Now()
			}
			if time.Since(beyond) >= s.k.cfg.EndGrace {
				return nil, err
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if p := permanent(err); p != nil {
			return nil, fmt.Errorf("look up positions: %w", p)
		}
		s.k.retry("look up positions", err)
		if !wait.pause(ctx) {
			return nil, ctx.Err()
		}
	}
}

func beyondEnd(p voc.Partition, pos, end int64) error {
	return fmt.Errorf("%s: %w: koe stands at %d and the log ends at %d, so the topic was made anew or another cluster answers; "+
		"point koe at the cluster that it read before, or start it with new data and out folders", p, ErrBeyondEnd, pos, end)
}

// lost reports messages that were deleted before they were read.
func (k *Kafka) lost(p voc.Partition, from, first int64) {
	k.log.Warn("messages were deleted by the topic's retention before koe read them; reading goes on at the first that is left",
		slog.String("partition", p.String()), slog.Int64("lost", first-from), slog.Int64("position", from), slog.Int64("first", first))
	if k.cfg.Hooks.Lost != nil {
		k.cfg.Hooks.Lost(p, first-from)
	}
}

// bounds are the offsets of the first message of a log and of the next one.
type bounds struct{ first, end int64 }

func (k *Kafka) bounds(ctx context.Context, parts []voc.Partition) (map[voc.Partition]bounds, error) {
	return listBounds(ctx, k.client, parts)
}

func listBounds(ctx context.Context, client *kafka.Client, parts []voc.Partition) (map[voc.Partition]bounds, error) {
	if len(parts) == 0 {
		return nil, nil
	}
	req := &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{}}
	for _, p := range parts {
		req.Topics[p.Topic] = append(req.Topics[p.Topic], kafka.FirstOffsetOf(p.ID), kafka.LastOffsetOf(p.ID))
	}
	res, err := client.ListOffsets(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("list offsets: %w", err)
	}
	out := map[voc.Partition]bounds{}
	for topic, list := range res.Topics {
		for _, o := range list {
			p := voc.Partition{Topic: topic, ID: o.Partition}
			if o.Error != nil {
				return nil, fmt.Errorf("list offsets of %s: %w", p, o.Error)
			}
			out[p] = bounds{o.FirstOffset, o.LastOffset}
		}
	}
	for _, p := range parts {
		if b, ok := out[p]; !ok || b.first < 0 || b.end < 0 {
			return nil, fmt.Errorf("list offsets of %s: no answer", p)
		}
	}
	return out, nil
}

// watch compares positions with the ends of the logs now and then: a topic that
// is made anew while it is read gives no error, only silence.
func (s *kafkaSession) watch(ctx context.Context, readers []*reader) error {
	for pause(ctx, s.k.cfg.EndCheck) {
		var since time.Time
		for {
			at := map[voc.Partition]int64{} // read before the ends, so that an end can only be later
			for _, r := range readers {
				at[r.part] = r.next.Load()
			}
			ends, err := s.k.bounds(ctx, s.parts)
			if err != nil {
				break // the readers notice a broker that is down
			}
			for p, b := range ends {
				if at[p] > b.end {
					err = beyondEnd(p, at[p], b.end)
				}
			}
			if err == nil {
				break
			}
			if since.IsZero() {
				since = time.Now()
			}
			if time.Since(since) >= s.k.cfg.EndGrace {
				return err
			}
			if !pause(ctx, s.k.cfg.BackoffMin) {
				return nil
			}
		}
	}
	return nil
}

// reader reads one partition.
type reader struct {
	s       *kafkaSession
	part    voc.Partition
	next    atomic.Int64
	checked time.Time // when the log's first offset was last asked for
}

// run delivers until ctx is done (nil), deliver fails (its error) or the
// partition cannot be read at all.
func (r *reader) run(ctx context.Context, turn *sync.Mutex, deliver func(voc.Message) error) error {
	k := r.s.k
	in := kafka.NewReader(kafka.ReaderConfig{
		Brokers: k.cfg.Brokers, Topic: r.part.Topic, Partition: r.part.ID, Dialer: k.link.dialer(),
		QueueCapacity: k.cfg.Queue, MinBytes: 1, MaxBytes: k.cfg.MaxBytes, MaxWait: k.cfg.MaxWait,
		ReadLagInterval: -1, IsolationLevel: kafka.ReadCommitted, ReadBackoffMin: k.cfg.BackoffMin, ReadBackoffMax: k.cfg.BackoffMax,
		Logger: debugLogger{k.log}, ErrorLogger: debugLogger{k.log},
	})
	defer func() {
		if err := in.Close(); err != nil {
			k.log.Debug("close reader", slog.String("partition", r.part.String()), slog.Any("error", err))
		}
	}()
	if err := in.SetOffset(r.next.Load()); err != nil {
		return fmt.Errorf("read %s: %w", r.part, err)
	}
	wait := k.cfg.backoff()
	for {
		m, err := in.FetchMessage(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, io.EOF):
			return fmt.Errorf("read %s: %w", r.part, err)
		case err != nil:
			if p := permanent(err); p != nil {
				return fmt.Errorf("read %s: %w", r.part, p)
			}
			k.retry("read "+r.part.String(), err)
			if !wait.pause(ctx) {
				return nil
			}
			continue
		}
		wait = k.cfg.backoff()
		r.gap(ctx, m.Offset)
		turn.Lock()
		if ctx.Err() != nil {
			turn.Unlock()
			return nil
		}
		err = deliver(message(r.part, m))
		turn.Unlock()
		if err != nil {
			return err
		}
		r.next.Store(m.Offset + 1)
	}
}

// gap looks whether offsets that are missing before the next message were
// deleted by retention: the library passes over them without a word. Compaction
// and transactions leave gaps too, so the broker is asked ten times a second at
// most.
func (r *reader) gap(ctx context.Context, offset int64) {
	next := r.next.Load()
	if offset <= next || time.Since(r.checked) < 100*time.Millisecond {
		return
	}
	r.checked = time.Now()
	b, err := r.s.k.bounds(ctx, []voc.Partition{r.part})
	if err == nil && b[r.part].first > next {
		r.s.k.lost(r.part, next, min(offset, b[r.part].first))
	}
}

func message(p voc.Partition, m kafka.Message) voc.Message {
	out := voc.Message{Partition: p, Offset: m.Offset, Time: m.Time, Key: m.Key, Value: m.Value}
	if len(m.Headers) > 0 {
		out.Headers = make(map[string]string, len(m.Headers))
		for _, h := range m.Headers {
			out.Headers[h.Key] = string(h.Value)
		}
	}
	return out
}
