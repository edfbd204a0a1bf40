package segment_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	bleve "github.com/blevesearch/bleve_index_api"
	api "github.com/blevesearch/scorch_segment_api/v2"
	zap "github.com/blevesearch/zapx/v17"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/koe-voc/koe/index/segment"
)

// both makes a batch into a segment of koe and one of zapx.
func both(t rapid.TB, p *segment.Plugin, docs []*doc) (koe, zapx api.Segment) {
	t.Helper()
	var own, plain []bleve.Document
	for _, d := range docs {
		own, plain = append(own, d.own()), append(plain, d.plain())
	}
	koe, n, err := p.New(own)
	if err != nil {
		t.Fatal(err)
	}
	zapx, m, err := (&zap.ZapPlugin{}).New(plain)
	if err != nil {
		t.Fatal(err)
	}
	if n != m {
		t.Errorf("%d bytes, zapx has %d", n, m)
	}
	return koe, zapx
}

// file is a segment cut at its joints.
type file struct {
	body   string // stored fields and inverted sections
	fields []fieldEntry
	index  string   // where the fields stand
	footer []string // but the checksum
}

type fieldEntry struct {
	name     string
	options  uint64
	sections map[uint16]uint64
}

func cut(t rapid.TB, s api.Segment) file {
	t.Helper()
	var b bytes.Buffer
	if _, err := s.(io.WriterTo).WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	foot := data[len(data)-zap.FooterSize:]
	at := binary.BigEndian.Uint64(foot[20:])
	begin := binary.BigEndian.Uint64(data[at+1:])
	f := file{body: string(data[:begin]), index: string(data[at : len(data)-zap.FooterSize])}
	for _, part := range [][]byte{foot[:4], foot[4:12], foot[12:20], foot[20:28], foot[28:32], foot[32:36]} {
		f.footer = append(f.footer, fmt.Sprintf("%x", part))
	}
	r := bytes.NewReader(data[begin:at])
	number := func() uint64 {
		v, err := binary.ReadUvarint(r)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for r.Len() > 0 {
		name := make([]byte, number())
		if _, err := io.ReadFull(r, name); err != nil {
			t.Fatal(err)
		}
		e := fieldEntry{name: string(name), options: number(), sections: map[uint16]uint64{}}
		for range number() {
			var s struct {
				Kind    uint16
				Address uint64
			}
			if err := binary.Read(r, binary.BigEndian, &s); err != nil {
				t.Fatal(err)
			}
			e.sections[s.Kind] = s.Address
		}
		f.fields = append(f.fields, e)
	}
	return f
}

// same compares the bytes of two segments.
func same(t rapid.TB, koe, zapx api.Segment) {
	t.Helper()
	a, b := cut(t, koe), cut(t, zapx)
	if a.body != b.body {
		i := 0
		for i < min(len(a.body), len(b.body)) && a.body[i] == b.body[i] {
			i++
		}
		t.Errorf("bytes differ from %d of %d, %d", i, len(a.body), len(b.body))
	}
	a.body, b.body = "", ""
	if d := cmp.Diff(b, a, cmp.AllowUnexported(file{}, fieldEntry{})); d != "" {
		t.Error(d)
	}
}

// content is all that a segment answers.
func content(t rapid.TB, s api.Segment, skip *roaring.Bitmap) []string {
	t.Helper()
	var out []string
	say := func(format string, a ...any) { out = append(out, fmt.Sprintf(format, a...)) }
	say("%d documents, fields %q", s.Count(), s.Fields())
	for _, name := range s.Fields() {
		dict, err := s.Dictionary(name)
		if err != nil {
			t.Fatal(err)
		}
		for terms := dict.AutomatonIterator(nil, nil, nil); ; {
			e, err := terms.Next()
			if err != nil {
				t.Fatal(err)
			}
			if e == nil {
				break
			}
			list, err := dict.PostingsList([]byte(e.Term), skip, nil)
			if err != nil {
				t.Fatal(err)
			}
			say("%s %q: %d", name, e.Term, list.Count())
			for it := list.Iterator(true, true, true, nil); ; {
				p, err := it.Next()
				if err != nil {
					t.Fatal(err)
				}
				if p == nil {
					break
				}
				places := ""
				for _, l := range p.Locations() {
					places += fmt.Sprintf(" %s %d %d-%d %v", l.Field(), l.Pos(), l.Start(), l.End(), l.ArrayPositions())
				}
				say("  %d × %d, norm %x:%s", p.Number(), p.Frequency(), math.Float64bits(p.Norm()), places)
			}
		}
	}
	for n := range s.Count() {
		if err := s.VisitStoredFields(n, func(field string, kind byte, value []byte, pos []uint64) bool {
			say("%d %s %c %q %v", n, field, kind, value, pos)
			return true
		}); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// draw makes a random batch.
func draw(t *rapid.T) []*doc {
	v := segment.NewVocabulary(map[string]string{"問合せ": "問い合わせ"})
	letters := rapid.StringOfN(rapid.RuneFrom([]rune("あいう配送a\x00")), 0, 5, -1)
	names := rapid.SampledFrom([]string{"day", "channel", "pair", "a", "zz", "source"})
	gap := rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(1, 1<<20))
	one := rapid.Custom(func(t *rapid.T) *doc {
		d := &doc{numbers: v}
		pos := 0
		for range rapid.IntRange(0, 12).Draw(t, "words") {
			pos += gap.Draw(t, "gap")
			d.words = append(d.words, word{letters.Draw(t, "word"), pos})
		}
		for range rapid.IntRange(0, 6).Draw(t, "keywords") {
			d.keywords = append(d.keywords, segment.Keyword{Field: names.Draw(t, "field"), Value: letters.Draw(t, "value")})
		}
		for range rapid.IntRange(0, 3).Draw(t, "stored") {
			// A field may be stored and indexed.
			field := rapid.SampledFrom([]string{"rev", "rec", "day", "text", "b"}).Draw(t, "field")
			d.stored = append(d.stored, segment.Stored{Field: field, Value: rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "value")})
		}
		return d
	})
	docs := rapid.SliceOfN(one, 1, 40).Draw(t, "docs")
	for i, d := range docs {
		d.id = fmt.Sprintf("%s/%d", letters.Draw(t, "id"), i)
	}
	return docs
}

func TestBytesAreThoseOfZapx(t *testing.T) {
	p := segment.New("text") // one for all: what a batch leaves behind must not show in the next
	rapid.Check(t, func(t *rapid.T) {
		koe, zapx := both(t, p, draw(t))
		same(t, koe, zapx)
		if d := cmp.Diff(content(t, zapx, nil), content(t, koe, nil)); d != "" {
			t.Error(d)
		}
	})
}

// many makes a batch with terms that are in one document in a given number.
func many(n int, every ...int) []*doc {
	v := segment.NewVocabulary(nil)
	docs := make([]*doc, n)
	for i := range docs {
		d := &doc{id: fmt.Sprintf("t/%07d", i*7919%n), numbers: v}
		for _, e := range every {
			if i%e == e/2 {
				w := fmt.Sprintf("語%d", e)
				d.words = append(d.words, word{w, i%200 + 1}, word{"間" + w, i%200 + 2}, word{w, i%200 + 200})
				d.keywords = append(d.keywords, segment.Keyword{Field: "channel", Value: w}, segment.Keyword{Field: "channel", Value: w})
			}
		}
		docs[i] = d
	}
	return docs
}

func TestLongPostingListsAreThoseOfZapx(t *testing.T) {
	p := segment.New("text")
	for _, n := range []int{1, 1023, 1024, 1025, 2048, 4095, 4096, 4097, 9000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			koe, zapx := both(t, p, many(n, 1, 2, 3, 5, 700))
			same(t, koe, zapx)
		})
	}
	t.Run("several containers", func(t *testing.T) {
		if testing.Short() {
			t.Skip("70,000 documents")
		}
		koe, zapx := both(t, p, many(70_000, 1, 2, 33, 40_000))
		same(t, koe, zapx)
	})
}

func TestZapxOpensTheFileAndMergesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, stock, dir := segment.New("text"), &zap.ZapPlugin{}, tempDir(t)
		first, second := draw(t), draw(t)
		koe, zapx := both(t, p, first)
		_, other := both(t, p, second)
		want := content(t, zapx, nil)
		path := filepath.Join(dir, "koe.zap")
		if err := koe.(api.UnpersistedSegment).Persist(path); err != nil {
			t.Fatal(err)
		}
		opened, err := stock.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, content(t, opened, nil)); d != "" {
			t.Error(d)
		}
		drop := roaring.New()
		for i := range first {
			if rapid.Bool().Draw(t, "drop") {
				drop.Add(uint32(i)) //nolint:gosec // small
			}
		}
		merge := func(name string, plugin interface {
			Merge([]api.Segment, []*roaring.Bitmap, string, chan struct{}, api.StatsReporter) ([][]uint64, uint64, error)
		}, s ...api.Segment,
		) []string {
			path := filepath.Join(dir, name)
			if _, _, err := plugin.Merge(s, []*roaring.Bitmap{drop, nil}, path, nil, nil); err != nil {
				t.Fatal(err)
			}
			m, err := stock.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer closeSegment(t, m)
			return content(t, m, nil)
		}
		merged := merge("stock.zap", stock, zapx, other)
		if d := cmp.Diff(merged, merge("mixed.zap", p, koe, other)); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(merged, merge("opened.zap", stock, opened, other)); d != "" {
			t.Error(d)
		}
		closeSegment(t, opened)
	})
}

func closeSegment(t rapid.TB, s api.Segment) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOtherDocumentsGoToZapx(t *testing.T) {
	docs := many(10, 1, 2)
	var plain []bleve.Document
	for _, d := range docs {
		plain = append(plain, d.plain())
	}
	s, _, err := segment.New("text").New(plain)
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := (&zap.ZapPlugin{}).New(plain)
	if err != nil {
		t.Fatal(err)
	}
	same(t, s, want)
	plain[3] = docs[3].own()
	if _, _, err := segment.New("text").New(plain); err == nil {
		t.Error("a batch of both kinds was taken")
	}
}

func TestWrongDocumentsAreRefused(t *testing.T) {
	v := segment.NewVocabulary(nil)
	good := &own{id: "a", numbers: v, words: []segment.Word{{Number: v.Number("語"), Position: 1}}}
	for name, d := range map[string]*own{
		"another vocabulary":    {id: "b", numbers: segment.NewVocabulary(nil), words: good.words},
		"no vocabulary":         {id: "b", words: good.words},
		"an unknown word":       {id: "b", numbers: v, words: []segment.Word{{Number: 7}}},
		"a keyword in _id":      {id: "b", keywords: []segment.Keyword{{Field: "_id", Value: "x"}}},
		"a keyword in text":     {id: "b", keywords: []segment.Keyword{{Field: "text", Value: "x"}}},
		"a stored value in _id": {id: "b", stored: []segment.Stored{{Field: "_id"}}},
	} {
		p := segment.New("text")
		if _, _, err := p.New([]bleve.Document{good, d}); err == nil || !strings.Contains(err.Error(), "document b") {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := p.New([]bleve.Document{good}); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
}

func TestBatchesOfSeveralIndexesAtOnce(t *testing.T) {
	p := segment.New("text")
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 8 {
				koe, zapx := both(t, p, many(50+10*n+i, 1+i, 7))
				same(t, koe, zapx)
			}
		})
	}
	wg.Wait()
}

func TestVocabularyFolds(t *testing.T) {
	v := segment.NewVocabulary(map[string]string{"返金": "払い戻し", "払戻": "払い戻し"})
	if v.Len() != 1 || v.Number("返金") != v.Number("払い戻し") || v.Number("払戻") != v.Number("返金") || v.Number("配送") != 1 || v.Len() != 2 {
		t.Errorf("%d words", v.Len())
	}
}
