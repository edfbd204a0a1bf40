package mask

import (
	"strings"
	"unicode/utf8"
)

// accounts finds numbers and codes of customers behind a cue: 会員番号, 口座は普通.
func (s *search) accounts() {
	for _, h := range s.hits {
		if h.role != cueAccount && h.role != cueBank || s.partOfThing(h) {
			continue
		}
		// An account number of a Japanese bank has seven digits (全銀協), that of
		// the post office up to eight.
		least := 4
		if h.role == cueBank {
			least = 6
		}
		for at := h.to; at > 0; {
			at, least = s.account(at, least), 3
		}
	}
}

// partOfThing reports whether a cue is the end of one for things: エラーID.
func (s *search) partOfThing(h hit) bool {
	for _, o := range s.near(h.from-s.cues.longest, h.from) {
		if o.role == cueThing && o.to >= h.to {
			return true
		}
	}
	return false
}

// account takes a code of at least least digits behind at. It returns where
// the second part of a number in two begins (記号12340 番号12345671), 0 if there
// is none.
func (s *search) account(at, least int) (next int) {
	from := at
	for from < len(s.text) && !codeByte(s.text[from]) {
		if g, to := s.readNumber(from); len(g) > 0 && len(s.digits) >= least {
			if s.isFree(from, to) {
				s.add(from, to, Account)
			}
			return 0
		}
		n := joinedPrefix(s.text[from:])
		if n == 0 || from-at > joinMax {
			return 0
		}
		from += n
	}
	to, digits := s.code(from)
	if gap := to + spaces(s.text[to:], " -,"); digits >= 3 && strings.HasPrefix(s.text[gap:], "番号") {
		next, least = gap+len("番号"), 3
	}
	// taro985: letters make a login of two digits.
	if joint, _ := runeBefore(s.text, from); digits >= 2 && digits <= 3 && to-from > 5 && !strings.ContainsRune("をでにもと", joint) {
		least = min(least, 2)
	}
	if digits < least || !s.isFree(from, to) || strings.HasPrefix(s.text[to:], "円") || digits == to-from && digits < 6 && (strings.HasPrefix(s.text[to:], "人") || strings.HasPrefix(s.text[to:], "名") || strings.HasPrefix(s.text[to:], "件")) {
		return 0
	}
	if d, ok := readDate(s.text, from); ok && !d.loose {
		return 0
	}
	s.add(from, to, Account)
	return next
}

// code returns where the code at from ends, and how many digits it has. A sign
// joins what has a digit behind it, a space what has digits on both sides.
func (s *search) code(from int) (to, digits int) {
	to = from
	for to < len(s.text) {
		c := s.text[to]
		switch {
		case isDigit(c):
			digits++
		case codeByte(c):
		case to == from || to+1 >= len(s.text):
			return to, digits
		case (c == '-' || c == '_') && codeByte(s.text[to+1]):
		case c == ' ' && isDigit(s.text[to+1]) && isDigit(s.text[to-1]):
		default:
			return to, digits
		}
		to++
	}
	return to, digits
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func codeByte(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'z' }

// joinedPrefix returns the length of the rune at the beginning of s if it may
// stand between a cue and its code, and of the words 番号 and コード.
func joinedPrefix(s string) int {
	for _, w := range [...]string{"番号", "コード", "no.", "no", "id", "えっと", "えーと", "えー", "あのー"} {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	if _, w := utf8.DecodeRuneInString(s); joined(s[:w]) {
		return w
	}
	return 0
}
