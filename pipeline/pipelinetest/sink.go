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
	// Abandon ends a sink as a crash would: what keeps its folder from being
	// opened again goes, nothing is flushed. nil: the sink cannot do that, and
	// the case that needs it is skipped.
	Abandon func(t *testing.T, sink pipeline.Sink)
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
	u := suite{SinkUnderTest: s, p: voc.Partition{Topic: "calls"}, q: voc.Partition{Topic: "calls", ID: 1}}
	t.Run("WrittenIsThereAfterReopen", u.writtenIsThereAfterReopen)
	t.Run("BelowThePositionIsSkipped", u.belowThePositionIsSkipped)
	t.Run("NewestVersionStandsAndDeletesHold", u.newestVersionStandsAndDeletesHold)
	t.Run("EmptyAndDeadItemsAdvance", u.emptyAndDeadItemsAdvance)
	t.Run("WithoutAFlushNothingIsClaimed", u.withoutAFlushNothingIsClaimed)
	t.Run("AfterACrashItGoesOnWhereItWasDurable", u.afterACrashItGoesOnWhereItWasDurable)
	t.Run("ARevokedPartitionIsDroppedOrDurable", u.aRevokedPartitionIsDroppedOrDurable)
	t.Run("OneMessageMayHoldSeveralChanges", u.oneMessageMayHoldSeveralChanges)
	t.Run("AnOlderVersionThatComesLaterDoesNotStand", u.anOlderVersionThatComesLaterDoesNotStand)
	t.Run("EqualStampsGoByTheLaterPosition", u.equalStampsGoByTheLaterPosition)
	t.Run("TheSameMessageAgainChangesNothing", u.theSameMessageAgainChangesNothing)
	t.Run("AnUpdateMayHaveNoVoices", u.anUpdateMayHaveNoVoices)
	t.Run("ManyInOneWrite", u.manyInOneWrite)
}

// suite is a sink under test with two partitions.
type suite struct {
	SinkUnderTest
	p, q voc.Partition
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// none is what a new sink answers to Resume.
func none() map[voc.Partition]int64 { return map[voc.Partition]int64{} }

// resume fails the test if the sink does not want to go on at want.
func (u suite) resume(t *testing.T, sink pipeline.Sink, want map[voc.Partition]int64, parts ...voc.Partition) {
	t.Helper()
	got, err := sink.Resume(t.Context(), parts)
	must(t, err)
	if len(want) == 0 && len(got) == 0 {
		return
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("resume: %s", d)
	}
}

// holds compares what the folder holds with want.
func (u suite) holds(t *testing.T, dir string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, u.Dump(t, dir)); d != "" {
		t.Errorf("it holds: %s", d)
	}
}

func (u suite) writtenIsThereAfterReopen(t *testing.T) {
	dir := t.TempDir()
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p, u.q)
	must(t, sink.Write(t.Context(), []voc.Item{Item(u.p, 0, "t/a", "届かない"), Item(u.q, 5, "t/b", "遅い"), Item(u.p, 1, "t/c", "丁寧")}))
	must(t, sink.Flush(t.Context()))
	if d := cmp.Diff(map[voc.Partition]int64{u.p: 2, u.q: 6}, sink.Durable()); d != "" {
		t.Errorf("durable: %s", d)
	}
	must(t, sink.Close())
	sink = u.Open(t, dir)
	u.resume(t, sink, map[voc.Partition]int64{u.p: 2, u.q: 6}, u.p, u.q)
	must(t, sink.Close())
	u.holds(t, dir, "t/a 届かない", "t/b 遅い", "t/c 丁寧")
}

func (u suite) belowThePositionIsSkipped(t *testing.T) {
	dir := t.TempDir()
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p)
	items := []voc.Item{Item(u.p, 0, "t/a", "一"), Item(u.p, 1, "t/b", "二")}
	must(t, sink.Write(t.Context(), items))
	must(t, sink.Write(t.Context(), items))
	must(t, sink.Flush(t.Context()))
	must(t, sink.Write(t.Context(), items))
	must(t, sink.Close())
	sink = u.Open(t, dir)
	u.resume(t, sink, map[voc.Partition]int64{u.p: 2}, u.p)
	must(t, sink.Write(t.Context(), items))
	must(t, sink.Close())
	u.holds(t, dir, "t/a 一", "t/b 二")
}

func (u suite) newestVersionStandsAndDeletesHold(t *testing.T) {
	dir := t.TempDir()
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p)
	must(t, sink.Write(t.Context(), []voc.Item{Item(u.p, 0, "t/a", "古い"), Item(u.p, 1, "t/a", "新しい"), Item(u.p, 2, "t/b", "消える")}))
	must(t, sink.Flush(t.Context()))
	must(t, sink.Write(t.Context(), []voc.Item{Item(u.p, 3, "t/b", ""), Item(u.p, 4, "t/never", "")}))
	must(t, sink.Close())
	u.holds(t, dir, "t/a 新しい")
}

func (u suite) emptyAndDeadItemsAdvance(t *testing.T) {
	dir := t.TempDir()
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p)
	dead := voc.Item{Partition: u.p, Offset: 8, Time: time.Unix(0, 0), Dead: []voc.DeadLetter{{
		Partition: u.p, Offset: 8, Time: time.Unix(0, 0), Reason: voc.ReasonValue, Field: "nps", Decoder: "t", SHA256: "00", Bytes: 1,
	}}}
	must(t, sink.Write(t.Context(), []voc.Item{{Partition: u.p, Offset: 7, Time: time.Unix(0, 0)}, dead}))
	must(t, sink.Write(t.Context(), nil))
	must(t, sink.Flush(t.Context()))
	must(t, sink.Close())
	sink = u.Open(t, dir)
	u.resume(t, sink, map[voc.Partition]int64{u.p: 9}, u.p)
	must(t, sink.Close())
}

func (u suite) withoutAFlushNothingIsClaimed(t *testing.T) {
	dir := t.TempDir()
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p)
	must(t, sink.Write(t.Context(), []voc.Item{Item(u.p, 0, "t/a", "一")}))
	if n := sink.Durable()[u.p]; n > 1 {
		t.Errorf("durable at %d", n)
	}
	u.resume(t, sink, map[voc.Partition]int64{u.p: 1}, u.p) // still held
	must(t, sink.Close())
	if got := u.Dump(t, dir); !slices.Contains(got, "t/a 一") {
		t.Errorf("close did not keep it: %q", got)
	}
}

func (u suite) afterACrashItGoesOnWhereItWasDurable(t *testing.T) {
	if u.Abandon == nil {
		t.Skip("the sink cannot be abandoned within a process")
	}
	dir := t.TempDir()
	items := []voc.Item{Item(u.p, 0, "t/a", "一"), Item(u.q, 0, "t/b", "二"), Item(u.p, 1, "t/a", "三"), Item(u.q, 1, "t/b", "")}
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p, u.q)
	must(t, sink.Write(t.Context(), items[:2]))
	must(t, sink.Flush(t.Context()))
	must(t, sink.Write(t.Context(), items[2:]))
	claimed := sink.Durable()
	u.Abandon(t, sink)
	sink = u.Open(t, dir)
	next, err := sink.Resume(t.Context(), []voc.Partition{u.p, u.q})
	must(t, err)
	for _, part := range []voc.Partition{u.p, u.q} {
		if next[part] < max(1, claimed[part]) || next[part] > 2 {
			t.Errorf("%s goes on at %d, flushed to 1, claimed %d", part, next[part], claimed[part])
		}
	}
	must(t, sink.Write(t.Context(), items)) // the source may send more than was asked for
	must(t, sink.Close())
	u.holds(t, dir, "t/a 三")
}

func (u suite) aRevokedPartitionIsDroppedOrDurable(t *testing.T) {
	dir := t.TempDir()
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p, u.q)
	must(t, sink.Write(t.Context(), []voc.Item{Item(u.p, 0, "t/a", "一"), Item(u.q, 0, "t/b", "二")}))
	u.resume(t, sink, map[voc.Partition]int64{u.p: 1}, u.p)
	must(t, sink.Write(t.Context(), []voc.Item{Item(u.p, 1, "t/c", "三")}))
	must(t, sink.Close())
	sink = u.Open(t, dir)
	next, err := sink.Resume(t.Context(), []voc.Partition{u.p, u.q})
	must(t, err)
	must(t, sink.Close())
	// Its new owner reads on from what is durable: position and rows agree.
	want := []string{"t/a 一", "t/c 三"}
	if next[u.q] == 1 {
		want = []string{"t/a 一", "t/b 二", "t/c 三"}
	}
	if d := cmp.Diff(want, u.Dump(t, dir)); d != "" || next[u.p] != 2 {
		t.Errorf("positions %v: %s", next, d)
	}
}

func (u suite) oneMessageMayHoldSeveralChanges(t *testing.T) {
	dir := t.TempDir()
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p)
	several := Item(u.p, 0, "t/a", "一")
	several.Changes = append(several.Changes, Item(u.p, 0, "t/b", "二").Changes...)
	must(t, sink.Write(t.Context(), []voc.Item{several}))
	must(t, sink.Close())
	u.holds(t, dir, "t/a 一", "t/b 二")
}

func (u suite) anOlderVersionThatComesLaterDoesNotStand(t *testing.T) {
	dir := t.TempDir()
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p)
	late := Item(u.p, 0, "t/a", "古い")
	late.Offset = 2
	must(t, sink.Write(t.Context(), []voc.Item{Item(u.p, 1, "t/a", "新しい"), late}))
	must(t, sink.Close())
	u.holds(t, dir, "t/a 新しい")
}

func (u suite) equalStampsGoByTheLaterPosition(t *testing.T) {
	dir := t.TempDir()
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p, u.q)
	stamped := func(p voc.Partition, offset int64, id, text string) voc.Item {
		it := Item(p, offset, id, text)
		at := time.Date(2026, 10, 6, 0, 0, 0, 0, time.UTC)
		it.Changes[0].Revision.At, it.Changes[0].Record.Revision.At = at, at
		return it
	}
	must(t, sink.Write(t.Context(), []voc.Item{stamped(u.q, 0, "t/a", "後の区画"), stamped(u.p, 0, "t/b", "一")}))
	must(t, sink.Flush(t.Context()))
	must(t, sink.Write(t.Context(), []voc.Item{stamped(u.p, 1, "t/a", "前の区画"), stamped(u.p, 2, "t/b", "二")}))
	must(t, sink.Close())
	u.holds(t, dir, "t/a 後の区画", "t/b 二")
}

func (u suite) theSameMessageAgainChangesNothing(t *testing.T) {
	dir := t.TempDir()
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p)
	first := Item(u.p, 0, "t/a", "一")
	again := Item(u.p, 0, "t/a", "一")
	again.Offset = 1 // a producer that was not sure has sent it twice
	again.Changes[0].Revision.Offset, again.Changes[0].Record.Revision.Offset = 1, 1
	must(t, sink.Write(t.Context(), []voc.Item{first, again}))
	must(t, sink.Close())
	u.holds(t, dir, "t/a 一")
}

func (u suite) anUpdateMayHaveNoVoices(t *testing.T) {
	dir := t.TempDir()
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p)
	quiet := Item(u.p, 1, "t/a", "了解")
	quiet.Changes[0].Record.Voices = nil
	must(t, sink.Write(t.Context(), []voc.Item{Item(u.p, 0, "t/a", "届かない")}))
	must(t, sink.Flush(t.Context()))
	must(t, sink.Write(t.Context(), []voc.Item{quiet}))
	must(t, sink.Close())
	u.holds(t, dir, "t/a 了解")
}

func (u suite) manyInOneWrite(t *testing.T) {
	dir := t.TempDir()
	sink := u.Open(t, dir)
	u.resume(t, sink, none(), u.p)
	var items []voc.Item
	var want []string
	for i := range int64(500) {
		items = append(items, Item(u.p, i, fmt.Sprintf("t/%03d", i), fmt.Sprint("声", i)))
		want = append(want, fmt.Sprintf("t/%03d 声%d", i, i))
	}
	must(t, sink.Write(t.Context(), items))
	must(t, sink.Close())
	u.holds(t, dir, want...)
}
