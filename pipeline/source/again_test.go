package source_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

var _ pipeline.Source = (*source.Again)(nil)

func position(topic string, part int, offset int64) voc.Position {
	return voc.Position{Partition: voc.Partition{Topic: topic, ID: part}, Offset: offset}
}

func TestFetchReadsSingleMessages(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls", "chats"))
	c := quick(b.ListenAddrs())
	produce(t, c, "calls", sequence(0, 50))
	produce(t, c, "chats", sequence(100, 103))
	at := []voc.Position{position("calls", 0, 0), position("calls", 0, 1), position("calls", 0, 30), position("calls", 0, 99), position("chats", 0, 2), position("gone", 0, 5)}
	var got []string
	if err := source.Fetch(t.Context(), c, at, func(m voc.Message, found bool) error {
		got = append(got, fmt.Sprint(m.String(), " ", string(m.Value), " ", found))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"calls/0@0 m0 true", "calls/0@1 m1 true", "calls/0@30 m30 true", "calls/0@99  false", "chats/0@2 m102 true", "gone/0@5  false"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAgainReadsASetOfMessagesOnce(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls"))
	c := quick(b.ListenAddrs())
	produce(t, c, "calls", sequence(0, 10))
	a := source.NewAgain(c, []voc.Position{position("calls", 0, 7), position("calls", 0, 2)})
	s, err := a.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("second Next: %v", err)
	}
	part := s.Partitions()[0]
	same, err := source.NewAgain(c, []voc.Position{position("calls", 0, 2), position("calls", 0, 7)}).Next(t.Context())
	if err != nil || same.Partitions()[0] != part || !strings.HasPrefix(part.Topic, "retry-") {
		t.Errorf("the same positions are %v and %v, %v", part, same.Partitions(), err)
	}
	for from, want := range map[int64][]string{0: {"calls/0@2 as 0", "calls/0@7 as 1"}, 1: {"calls/0@7 as 1"}, 2: nil} {
		var got []string
		if err := s.Read(t.Context(), map[voc.Partition]int64{part: from}, func(m voc.Message) error {
			if m.Replay.Partition != part {
				t.Errorf("counted in %v", m.Replay)
			}
			got = append(got, fmt.Sprint(m.String(), " as ", m.Replay.Offset))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("from %d: %s", from, d)
		}
	}
	lost, err := source.NewAgain(c, []voc.Position{position("calls", 0, 99)}).Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := lost.Read(t.Context(), nil, func(voc.Message) error { return nil }); err == nil || !strings.Contains(err.Error(), "not in Kafka") {
		t.Errorf("a message that is gone: %v", err)
	}
}
