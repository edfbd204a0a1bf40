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
	for from < len(s.text) {
		c, n := codeByte(s.text[from:])
		if n > 0 && c {
			break
		}
		r := s.text[from:]
		k := joinedPrefix(r)
		if k == 0 || from-at > joinMax {
			return
		}
		from += k
	}
	to, digits := from, 0
	for to < len(s.text) {
		c, n := codeByte(s.text[to:])
		if !c {
			// A hyphen or a space joins only what has digits on both sides.
			if to > from && (s.text[to] == '-' || s.text[to] == ' ') && to+1 < len(s.text) && isDigit(s.text[to+1]) && isDigit(s.text[to-1]) {
				to++
				continue
			}
			break
		}
		if isDigit(s.text[to]) {
			digits++
		}
		to += n
	}
	if digits < minDigits || !s.free(from, to) || strings.HasPrefix(s.text[to:], "円") {
		return
	}
	if _, date := readDate(s.text, from); date {
		return
	}
	s.add(from, to, Account)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func codeByte(s string) (ok bool, n int) {
	c := s[0]
	return isDigit(c) || c >= 'a' && c <= 'z', 1
}

// joinedPrefix returns the length of the rune at the beginning of s if it may
// stand between a cue and its code, and of the words 番号 and コード.
func joinedPrefix(s string) int {
	for _, w := range [...]string{"番号", "コード", "no.", "id"} {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	if _, w := utf8.DecodeRuneInString(s); joined(s[:w]) {
		return w
	}
	return 0
}
