package pipeline

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Stats counts what a run has done so far. The units are named: messages are
// not contacts, contacts are not voices.
type Stats struct {
	Start     int64                `json:"start"` // sum of the positions at which reading began
	Messages  int64                `json:"messages"`
	Bytes     int64                `json:"bytes"`
	Decoded   int64                `json:"decoded"`  // messages that could be read
	Contacts  int64                `json:"contacts"` // upserts handed to the sinks
	Deleted   int64                `json:"deleted"`
	Empty     int64                `json:"empty"` // messages that hold no words
	Dead      int64                `json:"dead_letters"`
	DeadBy    map[voc.Reason]int64 `json:"dead_letters_by_reason,omitempty"`
	Voices    int64                `json:"voices"`
	VoicesBy  map[voc.Type]int64   `json:"voices_by_type,omitempty"`
	Open      int64                `json:"contacts_unclassified"` // contacts with an evaluation that got no label
	Masked    map[string]int64     `json:"masked_by_kind,omitempty"`
	Stages    []StageTime          `json:"stages"` // in the order of the pipeline; summed over workers
	SinkTimes map[string]StageTime `json:"sinks,omitempty"`
}

// StageTime is the time that a stage or sink took, summed over all goroutines.
type StageTime struct {
	Name string        `json:"name"`
	Time time.Duration `json:"nanoseconds"`
}

type counters struct {
	start, messages, bytes, decoded, contacts, deleted, empty, voices, open atomic.Int64
	ready                                                                   atomic.Bool

	names  []string
	stages []atomic.Int64

	mu       sync.Mutex
	deadBy   map[voc.Reason]int64
	voicesBy map[voc.Type]int64
	masked   map[string]int64
	sinks    map[string]time.Duration
}

func (c *counters) init(stages []NamedStage) {
	c.names = []string{"decode", "mask"}
	for _, s := range stages {
		c.names = append(c.names, s.Name)
	}
	c.stages = make([]atomic.Int64, len(c.names))
	c.deadBy = map[voc.Reason]int64{}
	c.voicesBy = map[voc.Type]int64{}
	c.masked = map[string]int64{}
	c.sinks = map[string]time.Duration{}
}

// stage adds the time since start to stage i and returns the present.
func (c *counters) stage(i int, start time.Time) time.Time {
	now := time.Now()
	c.stages[i].Add(int64(now.Sub(start)))
	return now
}

func (c *counters) sink(name string, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sinks[name] += d
}

func (c *counters) dead(reason voc.Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadBy[reason]++
}

func (c *counters) contact(r *voc.Record) {
	c.contacts.Add(1)
	if len(r.Unclassified) > 0 {
		c.open.Add(1)
	}
	if len(r.Voices) == 0 && len(r.Masked) == 0 {
		return
	}
	c.voices.Add(int64(len(r.Voices)))
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range r.Voices {
		c.voicesBy[r.Voices[i].Type]++
	}
	for kind, n := range r.Masked {
		c.masked[kind] += int64(n)
	}
}

// Ready reports whether a session is being read: its partitions are assigned
// and every sink has told where it goes on.
func (r *Runner) Ready() bool { return r.stats.ready.Load() }

// Stats returns a snapshot.
func (r *Runner) Stats() Stats {
	c := &r.stats
	s := Stats{
		Start: c.start.Load(), Messages: c.messages.Load(), Bytes: c.bytes.Load(), Decoded: c.decoded.Load(), Contacts: c.contacts.Load(),
		Deleted: c.deleted.Load(), Empty: c.empty.Load(), Voices: c.voices.Load(), Open: c.open.Load(),
	}
	for i, n := range c.names {
		s.Stages = append(s.Stages, StageTime{n, time.Duration(c.stages[i].Load())})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.DeadBy = maps.Clone(c.deadBy)
	for _, n := range s.DeadBy {
		s.Dead += n
	}
	s.VoicesBy, s.Masked = maps.Clone(c.voicesBy), maps.Clone(c.masked)
	s.SinkTimes = map[string]StageTime{}
	for n, d := range c.sinks {
		s.SinkTimes[n] = StageTime{n, d}
	}
	return s
}
