package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/voc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var part = voc.Partition{Topic: "calls", ID: 0}

// log is a source of one session over one partition; hold keeps the session
// open at its end until the context is done.
type log struct {
	values []string
	hold   bool
	given  bool
	mu     sync.Mutex
	commit map[voc.Partition]int64
	reads  []int64 // the start of every Read
}

func (l *log) Next(context.Context) (pipeline.Session, error) {
	if l.given {
		return nil, io.EOF
	}
	l.given = true
	return l, nil
}
func (l *log) Close() error                { return nil }
func (l *log) Partitions() []voc.Partition { return []voc.Partition{part} }

func (l *log) Read(ctx context.Context, from map[voc.Partition]int64, deliver func(voc.Message) error) error {
	l.reads = append(l.reads, from[part])
	for i := from[part]; i < int64(len(l.values)); i++ {
		if err := deliver(voc.Message{Partition: part, Offset: i, Time: time.Unix(i, 0), Value: []byte(l.values[i])}); err != nil {
			return err
		}
	}
	if l.hold {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (l *log) Commit(_ context.Context, next map[voc.Partition]int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commit = maps.Clone(next)
	return nil
}

// decoder reads "id text"; "!" is refused, "?" panics, "" holds nothing.
type decoder struct{}

func (decoder) Name(voc.Message) string { return "words" }
func (decoder) Decode(m voc.Message) ([]voc.Change, error) {
	id, text, _ := strings.Cut(string(m.Value), " ")
	switch id {
	case "!":
		return nil, fmt.Errorf("decode: %w", &voc.DecodeError{Reason: voc.ReasonValue, Field: "nps"})
	case "?":
		panic(text)
	case "":
		return nil, nil
	case "-":
		return []voc.Change{{Delete: true, Contact: voc.Contact{ID: voc.NewRaw(text)}}}, nil
	}
	return []voc.Change{{Contact: voc.Contact{ID: voc.NewRaw(id), Text: voc.NewRaw(text)}}}, nil
}

type masker struct{}

func (masker) RecordID(_, id voc.Raw) string { return id.Reveal() }
func (masker) Mask(c voc.Contact) (voc.Record, error) {
	return voc.Record{ID: c.ID.Reveal(), Text: c.Text.Reveal()}, nil
}

// memory is a sink that keeps lines and can fail.
type memory struct {
	mu      sync.Mutex
	next    int64
	durable int64
	lines   []string
	fail    []error // returned by the next Writes that have items
	flushes int
}

func (s *memory) Name() string { return "memory" }
func (s *memory) Resume(context.Context, []voc.Partition) (map[voc.Partition]int64, error) {
	if s.next == 0 {
		return nil, nil
	}
	return map[voc.Partition]int64{part: s.next}, nil
}

func (s *memory) Write(_ context.Context, items []voc.Item) error {
	if len(items) > 0 && len(s.fail) > 0 {
		err := s.fail[0]
		s.fail = s.fail[1:]
		return err
	}
	for _, i := range items {
		if i.Offset < s.next {
			continue
		}
		line := fmt.Sprint(i.Offset, ":")
		for _, c := range i.Changes {
			if c.Record == nil {
				line += " -" + c.ID
			} else {
				line += " " + c.ID + "=" + c.Record.Text
			}
		}
		for _, d := range i.Dead {
			line += fmt.Sprintf(" dead %s %s %s %d", d.Reason, d.Field, d.Decoder, d.Bytes)
		}
		s.lines = append(s.lines, line)
		s.next = i.Offset + 1
	}
	return nil
}

func (s *memory) Flush(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.durable = s.next
	s.flushes++
	return nil
}

func (s *memory) Durable() map[voc.Partition]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[voc.Partition]int64{part: s.durable}
}
func (s *memory) Close() error { return nil }

func runner(t *testing.T, src pipeline.Source, sinks ...pipeline.Sink) *pipeline.Runner {
	t.Helper()
	cfg := pipeline.DefaultConfig()
	cfg.Workers, cfg.Batch = 4, 3
	r, err := pipeline.New(cfg, pipeline.Parts{Source: src, Decoder: decoder{}, Masker: masker{}, Sinks: sinks})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryMessageYieldsAnItemInOrder(t *testing.T) {
	sink := &memory{}
	r := runner(t, &log{values: []string{"a x", "! 090", "", "? secret", "- a", "b y"}}, sink)
	if err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"0: a=x", "1: dead value nps words 5", "2:", "3: dead stage  words 8", "4: -a", "5: b=y"}
	if d := cmp.Diff(want, sink.lines); d != "" {
		t.Error(d)
	}
	s := r.Stats()
	if s.Messages != 6 || s.Contacts != 2 || s.Deleted != 1 || s.Empty != 1 || s.Dead != 2 || s.DeadBy[voc.ReasonValue] != 1 {
		t.Errorf("stats: %+v", s)
	}
	if sink.durable != 6 {
		t.Errorf("durable at %d after a run to the end, want 6", sink.durable)
	}
}

func TestEachSinkGoesOnFromItsOwnPosition(t *testing.T) {
	a, b := &memory{next: 2}, &memory{next: 4}
	src := &log{values: []string{"a 0", "b 1", "c 2", "d 3", "e 4"}}
	if err := runner(t, src, a, b).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{2}, src.reads); d != "" {
		t.Errorf("read from: %s", d)
	}
	if d := cmp.Diff([]string{"4: e=4"}, b.lines); d != "" {
		t.Error(d)
	}
	if len(a.lines) != 3 {
		t.Errorf("first sink took %q", a.lines)
	}
}

func TestASinkThatNeverSawThePartitionReadsFromTheFirst(t *testing.T) {
	src := &log{values: []string{"a 0", "b 1"}}
	if err := runner(t, src, &memory{next: 1}, &memory{}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{0}, src.reads); d != "" {
		t.Error(d)
	}
}

func TestStopDrainsAndCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memory{}
		src := &log{values: []string{"a 0", "b 1"}, hold: true}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- runner(t, src, sink).Run(ctx) }()
		time.Sleep(20 * time.Second) // of the bubble's clock: two items, many ticks and commits
		synctest.Wait()              // for the tick of this very moment
		if len(sink.lines) != 2 {
			t.Errorf("before the stop the sink held %q", sink.lines)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if sink.durable != 2 {
			t.Errorf("durable at %d after a stop, want 2", sink.durable)
		}
	})
}

func TestAFailedWriteIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memory{fail: []error{errors.New("disk"), errors.New("disk")}}
		if err := runner(t, &log{values: []string{"a 0", "b 1", "c 2", "d 3"}}, sink).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(sink.lines) != 4 {
			t.Errorf("sink holds %q", sink.lines)
		}
	})
}

func TestASinkThatKeepsFailingStopsTheRunWithoutACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := errors.New("no space left on device")
		bad := &memory{fail: []error{disk, disk, disk, disk, disk, disk}}
		src := &log{values: []string{"a 0", "b 1", "c 2", "d 3"}, hold: true}
		if err := runner(t, src, bad).Run(t.Context()); !errors.Is(err, disk) {
			t.Errorf("run ended with %v", err)
		}
		if src.commit[part] != 0 {
			t.Errorf("committed %v", src.commit)
		}
	})
}

func TestALostSwapIsReadAgainFromTheWinnersPosition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memory{fail: []error{fmt.Errorf("publish: %w", pipeline.ErrSuperseded)}}
		src := &log{values: []string{"a 0", "b 1", "c 2"}}
		if err := runner(t, src, sink).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]int64{0, 0}, src.reads); d != "" {
			t.Error(d)
		}
		if len(sink.lines) != 3 {
			t.Errorf("sink holds %q", sink.lines)
		}
	})
}

func TestADrainThatTakesTooLongSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &log{values: []string{"a 0"}, hold: true}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- runner(t, src, &stuck{}).Run(ctx) }()
		time.Sleep(time.Second)
		stop()
		if err := <-done; err == nil || !strings.Contains(err.Error(), "the drain took too long") {
			t.Errorf("run ended with %v", err)
		}
	})
}

// stuck is a sink whose flush never ends by itself.
type stuck struct{ memory }

func (s *stuck) Flush(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
