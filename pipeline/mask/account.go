package mask

import (
	"strings"
	"unicode/utf8"
)

// accounts finds numbers and codes of customers behind a cue: 会員番号, 口座は普通.
func (s *search) accounts() {
	for _, h := range s.hits {
		switch h.role {
		case cueAccount:
			s.account(h.to, 4)
		case cueBank:
			// An account number of a Japanese bank has seven digits (全銀協), that of
			// the post office up to eight.
			s.account(h.to, 6)
		default:
		}
	}
}

// account takes a code of at least minDigits digits behind at.
func (s *search) account(at, minDigits int) {
	from := at
	for from < len(s.text) && !codeByte(s.text[from]) {
		if g, to := s.readNumber(from); len(g) > 0 && len(s.digits) >= minDigits {
			if s.isFree(from, to) {
				s.add(from, to, Account)
			}
			return
		}
		r := s.text[from:]
		k := joinedPrefix(r)
		if k == 0 || from-at > joinMax {
			return
		}
		from += k
	}
	to, digits := s.code(from)
	if strings.HasPrefix(s.text[to:], "番号") && digits >= 3 {
		// 記号12340番号12345671
		s.account(to+len("番号"), 4)
		minDigits = 3
	}
	if digits < minDigits || !s.isFree(from, to) || strings.HasPrefix(s.text[to:], "円") {
		return
	}
	if _, date := readDate(s.text, from); date {
		return
	}
	s.add(from, to, Account)
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
	for _, w := range [...]string{"番号", "コード", "no.", "no", "id"} {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	if _, w := utf8.DecodeRuneInString(s); joined(s[:w]) {
		return w
	}
	return 0
}
