package index_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/mask"
	"github.com/koe-voc/koe/pipeline/voc"
	"github.com/koe-voc/koe/testdata"
)

// BenchmarkWrite writes batches of 4,000 contacts of the gold corpus, masked and
// with their gold labels. It tells how many documents there are in a second, and
// in a second of the processor, which a busy machine changes less.
func BenchmarkWrite(b *testing.B) {
	base := goldRecords(b)
	o := options(b.TempDir())
	o.MaxAge = time.Hour // batches are cut by number alone
	x, err := index.Open(o)
	if err != nil {
		b.Fatal(err)
	}
	const batch = 4000
	n := int64(0)
	items := make([]voc.Item, batch)
	before := processor(b)
	for b.Loop() {
		for i := range items {
			r := *base[n%int64(len(base))]
			r.ID = fmt.Sprintf("%s-%d", r.ID, n/int64(len(base)))
			r.Revision.Offset = n
			items[i] = voc.Item{Partition: part, Offset: n, Changes: []voc.Applied{{ID: r.ID, Revision: r.Revision, Record: &r}}}
			n++
		}
		if err := x.Write(b.Context(), items); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "docs/s")
	b.ReportMetric(float64(n)/(processor(b)-before).Seconds(), "docs/cpu-s")
	if err := x.Close(); err != nil {
		b.Fatal(err)
	}
}

// goldRecords are those of the train part.
func goldRecords(b *testing.B) []*voc.Record {
	b.Helper()
	gold, err := testdata.Gold()
	if err != nil {
		b.Fatal(err)
	}
	dec, err := decode.New(decode.Options{Default: decode.Contact})
	if err != nil {
		b.Fatal(err)
	}
	masker, err := mask.New(set, words, mask.Keys{make([]byte, 32)})
	if err != nil {
		b.Fatal(err)
	}
	var out []*voc.Record
	for i := range gold {
		g := &gold[i]
		if g.Part() != testdata.Train {
			continue
		}
		changes, err := dec.Decode(voc.Message{Value: g.Contact})
		if err != nil || len(changes) != 1 {
			b.Fatalf("gold record %s cannot be read: %v", g.ID, err)
		}
		r, err := masker.Mask(changes[0].Contact)
		if err != nil {
			b.Fatal(err)
		}
		if err := words.Apply(b.Context(), &r); err != nil {
			b.Fatal(err)
		}
		for _, v := range g.Voices {
			r.Voices = append(r.Voices, voc.Voice{Type: voc.Type(v.Type), Aspect: voc.Aspect(v.Aspect), Sub: v.Sub, TouchPoint: v.TouchPoint, Fulfilment: v.Fulfilment, Prior: v.Prior, Rule: "gold", Confidence: 1})
		}
		for _, f := range g.Risks {
			r.Risks = append(r.Risks, voc.Flag{Name: f.Flag})
		}
		for _, f := range g.Signals {
			r.Signals = append(r.Signals, voc.Flag{Name: f.Flag})
		}
		r.Definition = "d1"
		r.Revision = voc.Revision{At: r.OccurredAt, Topic: part.Topic}
		out = append(out, &r)
	}
	return out
}

// processor is the time that the process has had of the processor.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
