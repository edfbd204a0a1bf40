package main

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/ikawaha/kagome-dict/ipa"
	"github.com/ikawaha/kagome/v2/tokenizer"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/voc"
	"github.com/koe-voc/koe/testdata"
)

// BenchmarkStages measures what each stage costs beside kagome's tokenising of
// the same text: by the time of the processor, in one process, all stages in
// turn, so that a busy machine slows all of them alike; of each the fastest of
// all passes counts. The texts are contacts of the gold corpus of all channels.
// stages-x is masking, chunking and classifying together.
func BenchmarkStages(b *testing.B) {
	lab, err := newLabeller(config.Config{}, someKeys())
	if err != nil {
		b.Fatal(err)
	}
	k, err := tokenizer.New(ipa.Dict(), tokenizer.OmitBosEos())
	if err != nil {
		b.Fatal(err)
	}
	contacts := goldContacts(b)
	recs := make([]voc.Record, len(contacts))
	size := 0
	texts := make([]string, len(contacts))
	mask := func() {
		for i := range contacts {
			if recs[i], err = lab.masker.Mask(contacts[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
	mask()
	for i := range recs {
		texts[i] = recs[i].Text
		size += len(texts[i])
	}
	steps := []struct {
		name string
		run  func()
	}{
		{"kagome", func() {
			for _, t := range texts {
				k.Tokenize(t)
			}
		}},
		{"mask", mask},
	}
	for _, s := range lab.stages[:3] {
		steps = append(steps, struct {
			name string
			run  func()
		}{s.Name, func() {
			for i := range recs {
				if err := s.Stage.Apply(b.Context(), &recs[i]); err != nil {
					b.Fatal(err)
				}
			}
		}})
	}
	spent := slices.Repeat([]time.Duration{time.Hour}, len(steps))
	for b.Loop() {
		for i, s := range steps {
			before := processor(b)
			s.run()
			spent[i] = min(spent[i], processor(b)-before)
		}
	}
	per := func(i int) float64 { return float64(spent[i].Nanoseconds()) / float64(size) }
	for i, s := range steps {
		b.ReportMetric(per(i), s.name+"-ns/B")
	}
	b.ReportMetric((per(1)+per(3)+per(4))/per(0), "stages-x")
	b.ReportMetric(0, "ns/op")
}

// goldContacts are every tenth of the train part.
func goldContacts(b *testing.B) []voc.Contact {
	gold, err := testdata.Gold()
	if err != nil {
		b.Fatal(err)
	}
	dec, err := decode.New(decode.Options{Default: decode.Contact})
	if err != nil {
		b.Fatal(err)
	}
	var out []voc.Contact
	for i := 0; i < len(gold); i += 10 {
		if gold[i].Part() != testdata.Train {
			continue
		}
		changes, err := dec.Decode(voc.Message{Value: gold[i].Contact})
		if err != nil || len(changes) != 1 {
			b.Fatal(fmt.Errorf("gold record %s cannot be read: %w", gold[i].ID, err))
		}
		out = append(out, changes[0].Contact)
	}
	return out
}

// processor is the time that the process has had of the processor.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
