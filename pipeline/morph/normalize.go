package morph

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Shadow is the normalised form of a text and the way back to it. The zero
// Shadow is that of the empty text.
type Shadow struct {
	// Text is what matching works on.
	Text  string
	edits []edit // in order; between them shadow and original are equal
}

// edit tells that from[from:from+fromLen] of the original stands as
// [to:to+toLen] in the shadow; toLen 0 is a deletion.
type edit struct{ to, toLen, from, fromLen int }

// Original returns the bytes of the original text that shadow bytes [from, to)
// stand for. Where from or to cuts through a replacement, all of the original
// of that replacement is in the span; what was left out belongs to what stands
// before it, so that neighbouring ranges have neighbouring originals. It panics
// if the range is not in the shadow.
func (s Shadow) Original(from, to int) voc.Span {
	_ = s.Text[from:to]
	if len(s.edits) == 0 {
		return voc.Span{From: from, To: to}
	}
	a := s.start(from)
	if from == to {
		return voc.Span{From: a, To: a}
	}
	e, inside := s.at(to)
	if inside && e.to < to {
		return voc.Span{From: a, To: e.from + e.fromLen}
	}
	return voc.Span{From: a, To: s.start(to)}
}

func (s Shadow) start(b int) int {
	e, inside := s.at(b)
	if inside {
		return e.from
	}
	return b + e.shift()
}

// at returns the last edit that begins at or before shadow byte b, and whether
// b lies inside of it. Without one the zero edit shifts nothing.
func (s Shadow) at(b int) (edit, bool) {
	i := sort.Search(len(s.edits), func(i int) bool { return s.edits[i].to > b })
	if i == 0 {
		return edit{}, false
	}
	e := s.edits[i-1]
	return e, b < e.to+e.toLen
}

func (e edit) shift() int { return e.from + e.fromLen - e.to - e.toLen }

// Normalize returns the shadow of text: NFKC with the exceptions below, Latin
// letters in lower case, half-width kana joined with its voiced mark, format
// characters and variation selectors left out.
//
//   - ー, 〜 and hyphens are told apart by their neighbours: ー inside a
//     katakana word, "-" between digits, 〜 for a range; one that only
//     lengthens a hiragana word (すごーい, です〜) is left out.
//   - Repeated ー ! ? 。 、 … count once; ・・・ and ... are …
//   - ． and ， are "." and "," beside digits and Latin letters, else 。 and 、.
//   - Every white space but line feed and tab, and every control character, is
//     a space.
//   - ㈱ is 株, ① is 1; signs that NFKC would take apart into several words
//     (℃ ™ ½ …) stay.
//
// It takes linear time and does not allocate if nothing changes.
func Normalize(text string) Shadow {
	f := folder{text: text}
	for f.i < len(text) {
		f.step()
	}
	if f.out == nil {
		return Shadow{Text: text}
	}
	f.out = append(f.out, text[f.copied:]...)
	return Shadow{Text: string(f.out), edits: f.edits}
}

// folder is the state of one Normalize.
type folder struct {
	text   string
	i      int  // next byte of text
	prev   rune // last rune of the shadow, 0 at the start
	copied int  // bytes of text that are in out or replaced
	out    []byte
	edits  []edit
}

// keep leaves n bytes as they are.
func (f *folder) keep(n int, last rune) {
	f.i += n
	f.prev = last
}

// replace puts repl for the next n bytes.
func (f *folder) replace(n int, repl string) {
	if f.text[f.i:f.i+n] == repl {
		r, _ := utf8.DecodeLastRuneInString(repl)
		f.keep(n, r)
		return
	}
	if f.out == nil {
		f.out = make([]byte, 0, len(f.text)+16)
		f.edits = make([]edit, 0, 16)
	}
	f.out = append(f.out, f.text[f.copied:f.i]...)
	f.edits = append(f.edits, edit{to: len(f.out), toLen: len(repl), from: f.i, fromLen: n})
	f.out = append(f.out, repl...)
	f.i += n
	f.copied = f.i
	if repl != "" {
		f.prev, _ = utf8.DecodeLastRuneInString(repl)
	}
}

func (f *folder) rune(at int) (rune, int) {
	if at >= len(f.text) {
		return 0, 0
	}
	return utf8.DecodeRuneInString(f.text[at:])
}

func (f *folder) step() {
	r, w := f.rune(f.i)
	switch {
	case r < utf8.RuneSelf:
		f.ascii(r)
	case isHiragana(r) || r >= 0x4e00 && r <= 0x9fff || r >= 0x30a1 && r <= 0x30fa:
		if c, cw := f.rune(f.i + w); isVoicedMark(c) {
			if s := norm.NFC.String(string([]rune{r, combining(c)})); utf8.RuneCountInString(s) == 1 {
				f.replace(w+cw, s)
				return
			}
		}
		f.keep(w, r)
	case isLong(r) || isWave(r) || isDash(r):
		f.stroke(r)
	case isRepeatable(r):
		f.repeat(r)
	case r >= 0xff66 && r <= 0xff9d:
		f.halfKana(r, w)
	default:
		f.other(r, w)
	}
}

func (f *folder) ascii(r rune) {
	switch {
	case r >= 'A' && r <= 'Z':
		f.replace(1, lowerASCII[r-'A':r-'A'+1])
	case r == '!' || r == '?' || r == '.' || r == ',':
		f.repeat(r)
	case r == '~' && f.prev != '/':
		f.stroke(r)
	case r < ' ' && r != '\n' && r != '\t', r == 0x7f:
		f.replace(1, " ")
	default:
		f.keep(1, r)
	}
}

// narrowASCII holds the narrow forms of U+FF01 to U+FF5E, letters in lower case.
const narrowASCII = "!\"#$%&'()*+,-./0123456789:;<=>?@abcdefghijklmnopqrstuvwxyz[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

const lowerASCII = "abcdefghijklmnopqrstuvwxyz"

// halfKana joins half-width katakana with a voiced mark that follows.
func (f *folder) halfKana(r rune, w int) {
	k := int(r-0xff66) * wideKana
	if c, cw := f.rune(f.i + w); c == 0xff9e || c == 0xff9f {
		if s := norm.NFKC.String(f.text[f.i : f.i+w+cw]); utf8.RuneCountInString(s) == 1 {
			f.replace(w+cw, s)
			return
		}
	}
	f.replace(w, fullKana[k:k+wideKana])
}

// fullKana holds the full-width forms of U+FF66 to U+FF9D, wideKana bytes each.
const (
	fullKana = "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
	wideKana = 3
)

// maxMarks bounds the combining marks that are normalised with their base; the
// stream-safe format of Unicode (UAX 15) allows 30.
const maxMarks = 30

// other handles whatever needs Unicode's tables.
func (f *folder) other(r rune, w int) {
	switch {
	case unicode.IsSpace(r) || unicode.Is(unicode.Cc, r):
		f.replace(w, " ")
		return
	case r >= 0xff01 && r <= 0xff5e:
		k := r - 0xff01
		f.replace(w, narrowASCII[k:k+1])
		return
	case unicode.Is(unicode.Cf, r), r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef, isVoicedMark(r):
		f.replace(w, "")
		return
	case staysWhole(r):
		f.keep(w, r)
		return
	}
	n := w
	for range maxMarks {
		c, cw := f.rune(f.i + n)
		if cw == 0 || c < 0x300 || !unicode.Is(unicode.Mn, c) || c >= 0xfe00 && c <= 0xfe0f || c >= 0xe0100 {
			break
		}
		n += cw
	}
	s := norm.NFKC.String(f.text[f.i : f.i+n])
	if r >= 0x3200 && r <= 0x3243 { // ㈱ and its kin, without the brackets
		s = strings.Trim(s, "()")
	}
	if s == "" || s[0] == ' ' && !unicode.IsSpace(r) {
		f.keep(n, r)
		return
	}
	f.replace(n, strings.ToLower(s))
}

// staysWhole reports signs whose compatibility form is several words.
func staysWhole(r rune) bool {
	switch r {
	case '™', '℠', '℃', '℉', '©', '®':
		return true
	}
	return r >= 0xbc && r <= 0xbe || r >= 0x2150 && r <= 0x215f
}
