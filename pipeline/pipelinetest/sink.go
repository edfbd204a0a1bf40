package pipelinetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/voc"
)

// SinkUnderTest opens the sink that lives in a folder, and tells what it holds
// for good as lines: "id text" for each contact in the order of ids. A sink
// that keeps all versions tells the newest.
type SinkUnderTest struct {
	Open func(t *testing.T, dir string) pipeline.Sink
	Dump func(t *testing.T, dir string) []string
}

// Item returns an item of one upsert; an empty text is a delete.
func Item(p voc.Partition, offset int64, id, text string) voc.Item {
	at := time.Date(2026, 10, 5, 0, 0, int(offset), 0, time.UTC)
	rev := voc.Revision{At: at, Topic: p.Topic, Partition: p.ID, Offset: offset}
	a := voc.Applied{ID: id, Revision: rev}
	if text != "" {
		a.Record = &voc.Record{
			ID: id, Source: "t", Revision: rev, Channel: voc.ChannelCall, OccurredAt: at, Text: text, Definition: "d1",
			Segments: []voc.Segment{{Role: voc.NoteText, Span: voc.Span{To: len(text)}}},
			Tokens:   []voc.Token{{Span: voc.Span{To: len(text)}, Base: text, POS: voc.Noun, Known: true}},
			Voices:   []voc.Voice{{Type: voc.Complaint, Aspect: voc.Delivery, Evidence: voc.Span{To: len(text)}, Rule: "r1", Confidence: 1, Fulfilment: "below"}},
		}
	}
	return voc.Item{Partition: p, Offset: offset, Time: at, Changes: []voc.Applied{a}}
}

// TestSink is the conformance suite of pipeline.Sink.
func TestSink(t *testing.T, s SinkUnderTest) {
	p, q := voc.Partition{Topic: "calls"}, voc.Partition{Topic: "calls", ID: 1}
	ctx := t.Context()
	resume := func(t *testing.T, sink pipeline.Sink, want map[voc.Partition]int64, parts ...voc.Partition) {
		t.Helper()
		got, err := sink.Resume(ctx, parts)
		if err != nil {
			t.Fatal(err)
		}
		if got == nil {
			got = map[voc.Partition]int64{}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("resume: %s", d)
		}
	}
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	none := map[voc.Partition]int64{}

	t.Run("WrittenIsThereAfterReopen", func(t *testing.T) {
		dir := t.TempDir()
		sink := s.Open(t, dir)
		resume(t, sink, none, p, q)
		must(t, sink.Write(ctx, []voc.Item{Item(p, 0, "t/a", "届かない"), Item(q, 5, "t/b", "遅い"), Item(p, 1, "t/c", "丁寧")}))
		must(t, sink.Flush(ctx))
		if d := cmp.Diff(map[voc.Partition]int64{p: 2, q: 6}, sink.Durable()); d != "" {
			t.Errorf("durable: %s", d)
		}
		must(t, sink.Close())
		sink = s.Open(t, dir)
		resume(t, sink, map[voc.Partition]int64{p: 2, q: 6}, p, q)
		must(t, sink.Close())
		if d := cmp.Diff([]string{"t/a 届かない", "t/b 遅い", "t/c 丁寧"}, s.Dump(t, dir)); d != "" {
			t.Error(d)
		}
	})
	t.Run("BelowThePositionIsSkipped", func(t *testing.T) {
		dir := t.TempDir()
		sink := s.Open(t, dir)
		resume(t, sink, none, p)
		items := []voc.Item{Item(p, 0, "t/a", "一"), Item(p, 1, "t/b", "二")}
		must(t, sink.Write(ctx, items))
		must(t, sink.Write(ctx, items))
		must(t, sink.Flush(ctx))
		must(t, sink.Write(ctx, items))
		must(t, sink.Close())
		sink = s.Open(t, dir)
		resume(t, sink, map[voc.Partition]int64{p: 2}, p)
		must(t, sink.Write(ctx, items))
		must(t, sink.Close())
		if d := cmp.Diff([]string{"t/a 一", "t/b 二"}, s.Dump(t, dir)); d != "" {
			t.Error(d)
		}
	})
	t.Run("NewestVersionStandsAndDeletesHold", func(t *testing.T) {
		dir := t.TempDir()
		sink := s.Open(t, dir)
		resume(t, sink, none, p)
		must(t, sink.Write(ctx, []voc.Item{Item(p, 0, "t/a", "古い"), Item(p, 1, "t/a", "新しい"), Item(p, 2, "t/b", "消える")}))
		must(t, sink.Flush(ctx))
		must(t, sink.Write(ctx, []voc.Item{Item(p, 3, "t/b", ""), Item(p, 4, "t/never", "")}))
		must(t, sink.Close())
		if d := cmp.Diff([]string{"t/a 新しい"}, s.Dump(t, dir)); d != "" {
			t.Error(d)
		}
	})
	t.Run("EmptyAndDeadItemsAdvance", func(t *testing.T) {
		dir := t.TempDir()
		sink := s.Open(t, dir)
		resume(t, sink, none, p)
		dead := voc.Item{Partition: p, Offset: 8, Time: time.Unix(0, 0), Dead: []voc.DeadLetter{{
			Partition: p, Offset: 8, Time: time.Unix(0, 0), Reason: voc.ReasonValue, Field: "nps", Decoder: "t", SHA256: "00", Bytes: 1,
		}}}
		must(t, sink.Write(ctx, []voc.Item{{Partition: p, Offset: 7, Time: time.Unix(0, 0)}, dead}))
		must(t, sink.Write(ctx, nil))
		must(t, sink.Flush(ctx))
		must(t, sink.Close())
		sink = s.Open(t, dir)
		resume(t, sink, map[voc.Partition]int64{p: 9}, p)
		must(t, sink.Close())
	})
	t.Run("WithoutAFlushNothingIsClaimed", func(t *testing.T) {
		dir := t.TempDir()
		sink := s.Open(t, dir)
		resume(t, sink, none, p)
		must(t, sink.Write(ctx, []voc.Item{Item(p, 0, "t/a", "一")}))
		if n := sink.Durable()[p]; n > 1 {
			t.Errorf("durable at %d", n)
		}
		resume(t, sink, map[voc.Partition]int64{p: 1}, p) // still held
		must(t, sink.Close())
		if got := s.Dump(t, dir); !slices.Contains(got, "t/a 一") {
			t.Errorf("close did not keep it: %q", got)
		}
	})
	t.Run("ManyInOneWrite", func(t *testing.T) {
		dir := t.TempDir()
		sink := s.Open(t, dir)
		resume(t, sink, none, p)
		var items []voc.Item
		var want []string
		for i := range int64(500) {
			items = append(items, Item(p, i, fmt.Sprintf("t/%03d", i), fmt.Sprint("声", i)))
			want = append(want, fmt.Sprintf("t/%03d 声%d", i, i))
		}
		must(t, sink.Write(ctx, items))
		must(t, sink.Close())
		if d := cmp.Diff(want, s.Dump(t, dir)); d != "" {
			t.Error(d)
		}
	})
}
