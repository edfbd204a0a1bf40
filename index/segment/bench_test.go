package segment_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	bleve "github.com/blevesearch/bleve_index_api"
	api "github.com/blevesearch/scorch_segment_api/v2"
	zap "github.com/blevesearch/zapx/v17"

	"github.com/koe-voc/koe/index/segment"
)

// BenchmarkNew makes segments of 4,000 documents of some 40 words, much as those
// of koe, and the same ones through zapx.
func BenchmarkNew(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	words := rand.NewZipf(r, 1.1, 20, 50_000)
	v := segment.NewVocabulary(nil)
	var own, plain []bleve.Document
	for n := range 4000 {
		d := &doc{id: fmt.Sprintf("call/%07d", r.IntN(1e7)), numbers: v}
		for i := range 20 + r.IntN(40) {
			d.words = append(d.words, word{fmt.Sprintf("語%x", words.Uint64()*2654435761%(1<<32)), i + 1})
		}
		add := func(field, value string, n int) {
			d.keywords = append(d.keywords, segment.Keyword{Field: field, Value: fmt.Sprintf("%s%05d", value, n)})
		}
		add("day", "2026-10-", n/2000)
		add("sec", "", r.IntN(86400))
		add("customer", "h1:", r.IntN(1e6))
		for i, f := range []string{"channel", "direction", "source", "product", "shop", "queue", "pair", "touchpoint", "prior"} {
			add(f, f, r.IntN(3*i+2))
		}
		d.stored = []segment.Stored{{Field: "rev", Value: []byte("2026-10-05T00:00:00.000000Z/calls/0/0/0")}, {Field: "rec", Value: make([]byte, 400)}}
		for i := range d.stored[1].Value {
			d.stored[1].Value[i] = byte(r.Uint32())
		}
		own, plain = append(own, d.own()), append(plain, d.plain())
	}
	for _, c := range []struct {
		name   string
		plugin interface {
			New(docs []bleve.Document) (api.Segment, uint64, error)
		}
		docs []bleve.Document
	}{{"koe", segment.New("text"), own}, {"zapx", &zap.ZapPlugin{}, plain}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := c.plugin.New(c.docs); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*len(c.docs))/b.Elapsed().Seconds(), "docs/s")
		})
	}
}
