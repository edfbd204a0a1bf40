package mask

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/morph"
)

// found is a stretch of personal data: bytes of the text that was searched.
type found struct {
	From, To int
	Kind     Kind
}

// finder holds the name lists and cues. It is immutable.
type finder struct {
	*lexicon
	cues     *cues
	traits   *traits
	patterns []pattern
	free     sync.Pool // of *search
}

func newFinder(d *dict.Set, words Dictionary) (*finder, error) {
	c, err := newCues(d)
	if err != nil {
		return nil, err
	}
	names, err := newLexicon(d, words, c)
	if err != nil {
		return nil, err
	}
	patterns, err := newPatterns(d)
	if err != nil {
		return nil, err
	}
	return &finder{lexicon: names, cues: c, traits: newTraits(c), patterns: patterns, free: sync.Pool{New: func() any { return new(search) }}}, nil
}

// spans returns what is personal in text, in order, without overlaps, in bytes
// of text. It searches the normalised shadow, so that full-width and half-width
// forms are one.
func (f *finder) spans(text string) []found {
	sh := morph.Normalize(text)
	s := f.free.Get().(*search)
	defer f.free.Put(s)
	s.begin(f, text, sh)
	s.mails()
	s.accounts()
	s.numbers()
	s.orders()
	s.dates()
	s.addresses()
	s.persons()
	s.coded()
	s.custom()
	s.out = slices.DeleteFunc(s.out, s.never)
	if len(s.out) == 0 {
		s.end()
		return nil
	}
	out := slices.Clone(settle(s.out))
	s.end()
	for i := range out {
		o := sh.Original(out[i].From, out[i].To)
		out[i].From, out[i].To = o.From, o.To
	}
	// Two spans of the shadow may share an original rune.
	return settle(out)
}

// search is one text on its way through the detectors.
type search struct {
	*finder
	original string
	shadow   morph.Shadow
	text     string // of the shadow
	hits     []hit  // in the order of their beginnings
	out      []found
	rows     []row // in order
	nums     []int // where a number or an era may begin
	aloud    []int // where a digit read aloud may begin
	ats      []int // at signs
	groups   []group
	digits   []byte
	taken    []uint64 // bits of the bytes that out holds
}

func (s *search) begin(f *finder, original string, sh morph.Shadow) {
	s.finder, s.original, s.shadow, s.text = f, original, sh, sh.Text
	s.scan()
	s.out = s.out[:0]
	if n := len(sh.Text)/64 + 1; cap(s.taken) < n {
		s.taken = make([]uint64, n)
	} else {
		s.taken = s.taken[:n]
		clear(s.taken)
	}
}

// end lets go of the text.
func (s *search) end() { s.finder, s.original, s.shadow, s.text = nil, "", morph.Shadow{}, "" }

func (s *search) add(from, to int, k Kind) {
	s.out = append(s.out, found{from, to, k})
	for i := from; i < to; i++ {
		s.taken[i>>6] |= 1 << (i & 63)
	}
}

// isFree reports whether [from, to) meets nothing that was found so far.
func (s *search) isFree(from, to int) bool {
	for i := from; i < to; i++ {
		if s.taken[i>>6]&(1<<(i&63)) != 0 {
			return false
		}
	}
	return true
}

// never reports whether what was found is, or lies in, words that are not to
// be masked.
func (s *search) never(f found) bool {
	if s.within(f.From, f.To, cueNever) {
		return true
	}
	return f.Kind == Person && s.within(f.From, f.To, cueKnown) && !strings.HasPrefix(s.text[f.To:], "様")
}

// settle orders spans and, where some overlap, keeps the union under the kind
// of the longest: nothing that was found personal is let through.
func settle(spans []found) []found {
	slices.SortFunc(spans, func(a, b found) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To)) })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.From < out[n-1].To {
			last := &out[n-1]
			if s.To-s.From > last.To-last.From {
				last.Kind = s.Kind
			}
			last.To = max(last.To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// near returns the hits that begin in [from, to).
func (s *search) near(from, to int) []hit {
	at := func(h hit, pos int) int { return cmp.Compare(h.from, pos) }
	a, _ := slices.BinarySearchFunc(s.hits, from, at)
	b := a
	for b < len(s.hits) && s.hits[b].from < to {
		b++
	}
	return s.hits[a:b]
}

// cuedBefore reports whether a cue of the role stands before at, with nothing
// but joining signs between.
func (s *search) cuedBefore(at int, role cueRole) bool {
	for _, h := range s.near(at-joinMax-s.cues.longest, at) {
		if h.role == role && h.to <= at && joined(s.text[h.to:at]) {
			return true
		}
	}
	return false
}

// cuedAfter reports whether a cue of the role begins right behind at.
func (s *search) cuedAfter(at int, role cueRole) bool {
	for _, h := range s.near(at, at+joinMax+1) {
		if h.role == role && joined(s.text[at:h.from]) {
			return true
		}
	}
	return false
}

// begins returns the end of the longest cue of the role that begins at byte at,
// 0 if there is none.
func (s *search) begins(at int, role cueRole) (end int) {
	for _, h := range s.near(at, at+1) {
		if h.role == role {
			end = max(end, h.to)
		}
	}
	return end
}

// within reports whether a cue of the role covers [from, to).
func (s *search) within(from, to int, role cueRole) bool {
	for _, h := range s.near(to-s.cues.longest, from+1) {
		if h.role == role && h.from <= from && h.to >= to {
			return true
		}
	}
	return false
}

// joinMax bounds in bytes what may stand between a cue and what it points at.
const joinMax = 24

// joined reports whether text between a cue and a value only joins them.
func joined(between string) bool {
	if len(between) > joinMax {
		return false
	}
	for _, r := range between {
		if !joins(r) {
			return false
		}
	}
	return true
}

func joins(r rune) bool {
	return strings.ContainsRune(" :;=.,?!#'\"()[]<>/-　、。「」『』【】〈〉《》・はがのをでもにと者様→⇒…\n", r)
}

// runeAt returns the rune at byte i, 0 at the end.
func runeAt(text string, i int) (rune, int) {
	if i >= len(text) {
		return 0, 0
	}
	return utf8.DecodeRuneInString(text[i:])
}

// runeBefore returns the rune that ends at byte i, 0 at the start.
func runeBefore(text string, i int) (rune, int) {
	if i <= 0 {
		return 0, 0
	}
	return utf8.DecodeLastRuneInString(text[:i])
}
