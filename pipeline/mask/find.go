package mask

import (
	"cmp"
	"slices"

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
	words Tokenizer
	cues  *cues
}

func newFinder(d *dict.Set, words Tokenizer) (*finder, error) {
	c, err := newCues(d)
	if err != nil {
		return nil, err
	}
	return &finder{words: words, cues: c}, nil
}

// spans returns what is personal in text, in order, without overlaps, in bytes
// of text. It searches the normalised shadow, so that full-width and half-width
// forms are one.
func (f *finder) spans(text string) []found {
	sh := morph.Normalize(text)
	s := search{finder: f, text: sh.Text, hits: f.cues.find(sh.Text)}
	s.mails()
	s.numbers()
	s.dates()
	s.accounts()
	s.addresses()
	s.numbered()
	s.persons()
	out := settle(s.out)
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
	text string
	hits []hit
	out  []found
}

func (s *search) add(from, to int, k Kind) { s.out = append(s.out, found{from, to, k}) }

// free reports whether [from, to) meets nothing that was found so far.
func (s *search) free(from, to int) bool {
	return !slices.ContainsFunc(s.out, func(o found) bool { return o.From < to && from < o.To })
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

// ends at: the hits of a role that end at most gap bytes before at, with
// nothing but joining signs between.
func (s *search) cuedBefore(at int, role cueRole) bool {
	for _, h := range s.hits {
		if h.role == role && h.to <= at && joined(s.text[h.to:at]) {
			return true
		}
	}
	return false
}

// cuedAfter reports whether a cue of the role begins right behind at.
func (s *search) cuedAfter(at int, role cueRole) bool {
	for _, h := range s.hits {
		if h.role == role && h.from >= at && joined(s.text[at:h.from]) {
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
		switch r {
		case ' ', ':', ';', '=', '.', ',', '#', '\'', '"', '(', ')', '[', ']', '<', '>', '/', '-', '　', '、', '。', '「', '」', '『', '』', '【', '】', '〈', '〉', '《', '》', '・',
			'は', 'が', 'の', 'を', 'で', 'も', 'に', 'と', '者', '様', '→', '⇒', '…':
		default:
			return false
		}
	}
	return true
}
