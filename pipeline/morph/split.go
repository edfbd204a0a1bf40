package morph

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxSentence bounds a sentence in bytes of the shadow, so that no later
	// step meets an unbounded one. Longer ones are cut at a safe place.
	maxSentence = 3000
	// maxQuote bounds how far a closing bracket is looked for.
	maxQuote = 600
)

// splitter cuts a shadow into sentences.
type splitter struct {
	text  string
	notes bool // arrows and slashes part sentences too
	emit  func(from, to int)
	start int
	until int // bytes before it lie in brackets and do not end a sentence
}

// split calls emit for each sentence of text, in order, without surrounding
// white space. In notes →, ⇒ and ／ begin a sentence.
func split(text string, notes bool, emit func(from, to int)) {
	s := splitter{text: text, notes: notes, emit: emit}
	var prev rune
	for i := 0; i < len(text); {
		r, w := utf8.DecodeRuneInString(text[i:])
		next := i + w
		switch {
		case r == 'h' && !isAlnum(prev) && isURL(text[i:]):
			next = i + urlLen(text[i:])
		case r == '\n' || r == '\t':
			if r == '\t' || !s.wraps(i, prev) {
				s.cut(i)
				s.until = 0
			}
		case i < s.until:
		case closer(r) != 0:
			if r == '【' && s.find(i, '】') > 0 {
				s.cut(i)
			}
			s.quote(i, w, closer(r))
		case r == '。' || r == '!' || r == '?' || r == '.':
			if end := s.end(i, r, prev); end > 0 {
				s.cut(end)
				next = end
			}
		case s.begins(i, r, w, prev):
			s.cut(i)
		}
		prev = r
		i = next
	}
	s.cut(len(text))
}

// begins reports signs before which a sentence ends.
func (s *splitter) begins(i int, r rune, w int, prev rune) bool {
	switch r {
	case '■', '●', '◆', '▼', '※':
		return true
	case '→', '⇒', '➡', '⇨', '▶':
		next, _ := utf8.DecodeRuneInString(s.text[i+w:])
		return s.notes && (!isDigit(prev) || !isDigit(next)) // 11/4→11/18
	case '/':
		next, _ := utf8.DecodeRuneInString(s.text[i+w:])
		return s.notes && !isAlnum(prev) && !isAlnum(next) && prev != '/' && next != '/'
	default:
		return false
	}
}

func closer(r rune) rune {
	switch r {
	case '「':
		return '」'
	case '『':
		return '』'
	case '(':
		return ')'
	case '【':
		return '】'
	case '〔':
		return '〕'
	case '“':
		return '”'
	default:
		return 0
	}
}

// find returns the offset of the rune c after i on the same line, −1 if it is
// not near.
func (s *splitter) find(i int, c rune) int {
	end := min(len(s.text), i+maxQuote)
	if nl := strings.IndexByte(s.text[i:end], '\n'); nl >= 0 {
		end = i + nl
	}
	k := strings.IndexRune(s.text[i:end], c)
	if k < 0 {
		return -1
	}
	return i + k
}

// quote decides whether what the bracket at i opens may hold sentence ends of
// its own: not if the quotation is an argument of what follows (「…」と), nor in
// round brackets.
func (s *splitter) quote(i, w int, c rune) {
	k := s.find(i+w, c)
	if k < 0 {
		return
	}
	after := k + utf8.RuneLen(c)
	if c == ')' || c == '】' || s.continues(after) || s.particle(after) {
		s.until = after
	}
}

// particle reports whether a case or topic particle stands at i.
func (s *splitter) particle(i int) bool {
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return i < len(s.text) && strings.ContainsRune("のがをにはもでや", r)
}

// continues reports whether the text at i takes up what was quoted: と or って.
// と may begin another word (とても, ところ); before kanji and the kana below it
// is the particle.
func (s *splitter) continues(i int) bool {
	t := s.text[i:]
	if strings.HasPrefix(t, "って") {
		return true
	}
	t, ok := strings.CutPrefix(t, "と")
	if !ok {
		return false
	}
	r, _ := utf8.DecodeRuneInString(t)
	return t == "" || isKanji(r) || strings.ContainsRune("のいおごか、。\n", r)
}

// end returns the end of the sentence that the sign r at i closes, 0 if it
// closes none. Further end signs and closing brackets belong to it.
func (s *splitter) end(i int, r, prev rune) int {
	k := i + utf8.RuneLen(r)
	next, _ := utf8.DecodeRuneInString(s.text[k:])
	switch {
	case r == '.' && (!isAlnum(prev) || isDigit(prev) || k < len(s.text) && !unicode.IsSpace(next) || s.digitAfter(k)):
		return 0
	case r != '。' && isAlnum(prev) && k < len(s.text) && unicode.IsLetter(next):
		return 0
	}
	for k < len(s.text) {
		c, w := utf8.DecodeRuneInString(s.text[k:])
		if !strings.ContainsRune("。!?…」』)】〕”", c) {
			break
		}
		k += w
	}
	if s.continues(k) {
		return 0
	}
	return k
}

// digitAfter reports whether the next word at i is a number (No. 3).
func (s *splitter) digitAfter(i int) bool {
	t := strings.TrimLeft(s.text[i:min(len(s.text), i+8)], " ")
	return t != "" && t[0] >= '0' && t[0] <= '9'
}

// wraps reports whether the line break at i lies inside a sentence: after a
// comma or a particle that wants more, before a line that goes on.
func (s *splitter) wraps(i int, prev rune) bool {
	if !strings.ContainsRune("、をがにはの", prev) || prev == 0 {
		return false
	}
	next, _ := utf8.DecodeRuneInString(s.text[i+1:])
	return isKana(next) || isKanji(next) || isAlnum(next) && prev != 'の'
}

func isURL(t string) bool { return strings.HasPrefix(t, "http://") || strings.HasPrefix(t, "https://") }

// urlLen returns the length of the URL at the start of t.
func urlLen(t string) int {
	for i := range len(t) {
		if t[i] <= ' ' || t[i] >= utf8.RuneSelf {
			return i
		}
	}
	return len(t)
}

// cut ends the running sentence at end.
func (s *splitter) cut(end int) {
	from, to := trim(s.text, s.start, end)
	s.start = max(end, s.start)
	for to-from > maxSentence {
		c := safe(s.text[from : from+maxSentence])
		a, b := trim(s.text, from, from+c)
		if a < b {
			s.emit(a, b)
		}
		from, to = trim(s.text, from+c, to)
	}
	if from < to {
		s.emit(from, to)
	}
}

// trim takes white space off both ends of text[from:to].
func trim(text string, from, to int) (int, int) {
	if from >= to {
		return from, from
	}
	t := strings.TrimLeftFunc(text[from:to], unicode.IsSpace)
	from = to - len(t)
	return from, from + len(strings.TrimRightFunc(t, unicode.IsSpace))
}

// safe returns where to cut the overlong t: after a comma or space if there is
// one in its second half, else before a change from hiragana to something
// else, else between two runes. It never cuts a placeholder.
func safe(t string) int {
	cut, rank := 0, 0
	var prev rune
	for i, r := range t {
		if i >= len(t)/2 {
			k := 1
			switch {
			case prev == '、' || prev == ',' || unicode.IsSpace(prev) || prev == '」' || prev == ')':
				k = 3
			case isHiragana(prev) && !isHiragana(r):
				k = 2
			}
			if k >= rank {
				cut, rank = i, k
			}
		}
		prev = r
	}
	if open := strings.LastIndexByte(t[:cut], '['); open > 0 {
		if n := placeholder(t[open:]); n > 0 && open+n > cut {
			cut = open
		} else if n == 0 && len(t)-open < maxPlaceholder {
			cut = open
		}
	}
	return cut
}
