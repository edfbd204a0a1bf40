package mask

import "unicode/utf8"

// Traits of a rune, for the one pass that all detectors share: its script in
// the low bits.
const (
	scriptBits uint8 = 7
	beginsCue  uint8 = 1 << (iota + 3)
	beginsNumber
	beginsReading // of a digit read aloud
	atSign
)

// traits are those of the runes below 2^16.
type traits [1 << 16]uint8

func newTraits(c *cues) *traits {
	t := new(traits)
	for r := range rune(len(t)) {
		if r < 0xd800 || r > 0xdfff {
			t[r] = uint8(scriptOfRune(r))
		}
		if numeral(r) {
			t[r] |= beginsNumber
		}
	}
	for _, r := range eraBegins {
		t[r] |= beginsNumber
	}
	for _, r := range "ぜれまいにさよごろなしはきくゼレマイニサヨゴロナシハキク" {
		t[r] |= beginsReading
	}
	for _, r := range "@★☆●" {
		t[r] |= atSign
	}
	for r := range c.first {
		if int(r) < len(t) {
			t[r] |= beginsCue
		}
	}
	return t
}

func (t *traits) of(r rune) uint8 {
	if int(r) < len(t) {
		return t[r]
	}
	return uint8(scriptOfRune(r))
}

// row is where runes of one script begin.
type row struct {
	at     int
	script script
}

// scan is the pass over the text: it finds the cues, and where numbers, rows of
// a script and at signs begin. A cue in Latin letters is a whole word: OP is
// none in "pop".
func (s *search) scan() {
	s.hits, s.rows, s.nums, s.aloud, s.ats = s.hits[:0], s.rows[:0], s.nums[:0], s.aloud[:0], s.ats[:0]
	last, letter := otherScript, false
	for i := 0; i < len(s.text); {
		r, n := rune(s.text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s.text[i:])
		}
		k := s.traits.of(r)
		sc := script(k & scriptBits)
		if k&beginsCue != 0 && (!letter || !isLetter(r)) {
			s.hits = s.cues.match(s.text, i, n, s.cues.first[r], s.hits)
		}
		letter = sc == latin
		if k&(beginsNumber|beginsReading|atSign) != 0 {
			switch {
			case k&beginsNumber != 0:
				s.nums = append(s.nums, i)
			case k&beginsReading != 0:
				s.aloud = append(s.aloud, i)
			default:
				s.ats = append(s.ats, i)
			}
		}
		if sc != last {
			if sc != otherScript {
				s.rows = append(s.rows, row{i, sc})
			}
			last = sc
		}
		i += n
	}
}
