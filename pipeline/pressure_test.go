package pipeline_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/voc"
)

// counted is a log that counts what it has handed out.
type counted struct {
	log
	out atomic.Int64
}

func (c *counted) Next(ctx context.Context) (pipeline.Session, error) {
	if _, err := c.log.Next(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *counted) Read(ctx context.Context, from map[voc.Partition]int64, deliver func(voc.Message) error) error {
	return c.log.Read(ctx, from, func(m voc.Message) error {
		c.out.Add(1)
		return deliver(m)
	})
}

// slow is a sink that takes its time; most is how far the source was ahead.
type slow struct {
	memory
	source *counted
	most   int64
}

func (s *slow) Write(ctx context.Context, items []voc.Item) error {
	time.Sleep(time.Second)
	err := s.memory.Write(ctx, items)
	s.most = max(s.most, s.source.out.Load()-s.next)
	return err
}

// A sink that is slower than the source holds the source back: what is under way
// does not grow with the backlog.
func TestASlowSinkHoldsTheSourceBack(t *testing.T) {
	ahead := map[int]int64{}
	for _, n := range []int{300, 3_000} {
		synctest.Test(t, func(t *testing.T) {
			src := &counted{}
			for i := range n {
				src.values = append(src.values, fmt.Sprint("m", i, " x"))
			}
			sink := &slow{source: src}
			cfg := pipeline.DefaultConfig()
			cfg.Workers, cfg.Batch, cfg.MaxMessages = 4, 3, 100
			r, err := pipeline.New(cfg, pipeline.Parts{Source: src, Decoder: decoder{}, Masker: masker{}, Sinks: []pipeline.Sink{sink}})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if len(sink.lines) != n {
				t.Errorf("%d of %d written", len(sink.lines), n)
			}
			ahead[n] = sink.most
		})
	}
	if ahead[3_000] > 120 { // MaxMessages, a batch, a message for each worker and some
		t.Errorf("by backlog the source was ahead by %v messages", ahead)
	}
	t.Logf("by backlog the source was ahead by %v messages", ahead)
}
