package source_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

func TestEnds(t *testing.T) {
	b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls", "chats"))
	c := quick(b.ListenAddrs(), "calls", "chats", "absent")
	produce(t, c, "calls", sequence(0, 3))
	got, err := source.Ends(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	want := map[voc.Partition]int64{{Topic: "calls"}: 3, {Topic: "chats"}: 0}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	nobody := quick([]string{"127.0.0.1:1"}, "calls")
	nobody.DialTimeout = time.Second
	if _, err := source.Ends(t.Context(), nobody); err == nil {
		t.Error("a broker that is not there has answered")
	}
}
