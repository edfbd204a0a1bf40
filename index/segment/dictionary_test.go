package segment

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/vellum"
	"pgregory.net/rapid"
)

// vellums is the dictionary of the same terms by vellum.
func vellums(t rapid.TB, b *vellum.Builder, terms []string, value func(i int) uint64) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.Reset(&out); err != nil {
		t.Fatal(err)
	}
	for i, s := range terms {
		if err := b.Insert([]byte(s), value(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func ours(d *dictionary, terms []string, value func(i int) uint64) []byte {
	d.reset()
	for i, s := range terms {
		d.insert(s, value(i))
	}
	return d.finish()
}

func builder(t testing.TB) *vellum.Builder {
	t.Helper()
	b, err := vellum.New(&bytes.Buffer{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDictionaryIsThatOfVellum(t *testing.T) {
	d, b := newDictionary(), builder(t)
	rapid.Check(t, func(t *rapid.T) {
		// Few letters make many equal ends, all bytes make wide nodes.
		letter := rapid.SampledFrom([]*rapid.Generator[byte]{
			rapid.SampledFrom([]byte("ab")), rapid.Byte(), rapid.SampledFrom([]byte("aZ0/\x00\xff\xe3\x81")),
		}).Draw(t, "letters")
		terms := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) string {
			return string(rapid.SliceOfN(letter, 0, 6).Draw(t, "term"))
		}), 0, 60, rapid.ID).Draw(t, "terms")
		slices.Sort(terms)
		values := rapid.SliceOfN(rapid.OneOf(rapid.Uint64Range(0, 3), rapid.Uint64Range(0, 1<<20), rapid.Uint64()), len(terms), len(terms)).Draw(t, "values")
		value := func(i int) uint64 { return values[i] }
		if want, got := vellums(t, b, terms, value), ours(d, terms, value); !bytes.Equal(want, got) {
			t.Errorf("%x, vellum has %x", got, want)
		}
		if rapid.Bool().Draw(t, "new segment") {
			d.forget()
		}
	})
}

// randomTerms are n at most, of up to size bytes out of letters.
func randomTerms(r *rand.Rand, n, size int, letters string) []string {
	set := map[string]bool{}
	for range n {
		s := make([]byte, r.IntN(size)+1)
		for i := range s {
			s[i] = letters[r.IntN(len(letters))]
		}
		set[string(s)] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// TestLargeDictionaryIsThatOfVellum has more nodes than the register holds, and
// nodes of every width.
func TestLargeDictionaryIsThatOfVellum(t *testing.T) {
	d, b, r := newDictionary(), builder(t), rand.New(rand.NewPCG(1, 2))
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i) //nolint:gosec // 0 to 255
	}
	for _, letters := range []string{"ab", "abcdefgh", string(all[:63]), string(all[:64]), string(all[:255]), string(all)} {
		terms := randomTerms(r, 12_000, 12, letters)
		terms = slices.Compact(slices.Sorted(slices.Values(append(terms, randomTerms(r, 2000, 1, letters)...))))
		for name, value := range map[string]func(i int) uint64{
			"rising":  func(i int) uint64 { return uint64(i) * 37 },                //nolint:gosec // small
			"falling": func(i int) uint64 { return uint64(len(terms)-i) * 100003 }, //nolint:gosec // small
			"few":     func(i int) uint64 { return uint64(i) % 3 },                 //nolint:gosec // small
		} {
			if !bytes.Equal(vellums(t, b, terms, value), ours(d, terms, value)) {
				t.Errorf("%d terms of %d letters, values %s: the bytes differ", len(terms), len(letters), name)
			}
		}
	}
}

func BenchmarkDictionary(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	var terms []string
	for range 10_000 {
		terms = append(terms, fmt.Sprintf("call/%07d", r.IntN(1e7)))
	}
	slices.Sort(terms)
	terms = slices.Compact(terms)
	value := func(i int) uint64 { return uint64(i) * 40 } //nolint:gosec // small
	b.Run("koe", func(b *testing.B) {
		d := newDictionary()
		for b.Loop() {
			ours(d, terms, value)
			d.forget()
		}
	})
	b.Run("vellum", func(b *testing.B) {
		v := builder(b)
		for b.Loop() {
			vellums(b, v, terms, value)
		}
	})
}

func BenchmarkBitmap(b *testing.B) {
	docs := []uint32{5, 70, 1200}
	b.Run("koe", func(b *testing.B) {
		var out []byte
		for b.Loop() {
			out, _ = appendBitmap(out[:0], docs)
		}
	})
	b.Run("roaring", func(b *testing.B) {
		m := roaring.New()
		for b.Loop() {
			m.Clear()
			m.AddMany(docs)
			if _, err := m.ToBytes(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSortTerms(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	var terms []term
	for _, s := range randomTerms(r, 20_000, 4, "配送遅い品質店員") {
		terms = append(terms, newTerm(s, 0, 1))
	}
	r.Shuffle(len(terms), func(i, j int) { terms[i], terms[j] = terms[j], terms[i] })
	work := make([]term, len(terms))
	b.Run("heads", func(b *testing.B) {
		for b.Loop() {
			copy(work, terms)
			sortTerms(work)
		}
	})
	b.Run("strings", func(b *testing.B) {
		for b.Loop() {
			copy(work, terms)
			slices.SortFunc(work, func(a, b term) int { return strings.Compare(a.text, b.text) })
		}
	})
}
