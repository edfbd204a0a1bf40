package mask

import (
	"strings"
	"unicode/utf8"
)

// mails finds mail addresses, also with "(at)" and read aloud with アットマーク.
func (s *search) mails() {
	for _, i := range s.ats {
		_, n := runeAt(s.text, i)
		s.mail(i, i+n)
	}
	for _, h := range s.hits {
		if h.role == cueAt {
			s.mail(h.from, h.to)
		}
	}
}

// mail takes the address round the at sign [from, to).
func (s *search) mail(from, to int) {
	a := s.localPart(from, to-from > len("★"))
	b, parts := s.domain(to)
	if a < from && b > to && parts > 1 {
		s.add(a, b, Email)
	}
}

func atom(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("._%+-", c) >= 0
}

// spokenSigns are the signs of an address read aloud.
var spokenSigns = [...]string{"ドット", "どっと", "てん", "ハイフン", "はいふん", "アンダーバー", "アンダースコア", "マイナス"}

// localPart returns where the part before the at sign begins.
func (s *search) localPart(end int, spoken bool) int {
	trimmed := len(strings.TrimRight(s.text[:end], " "))
	i := trimmed
	for i > 0 {
		if atom(s.text[i-1]) {
			i--
			continue
		}
		before := strings.TrimRight(s.text[:i], " ")
		w := suffixOf(before, spokenSigns[:])
		if w == 0 && spoken {
			// エム ヤマダ: letters and words spelled in katakana
			w = len(before) - katakanaBefore(before)
		}
		if w == 0 || end-i > maxSpelled {
			break
		}
		i = len(strings.TrimRight(before[:len(before)-w], " "))
	}
	// A sentence's full stop before the address is not part of it.
	for i < trimmed && strings.IndexByte(".-", s.text[i]) >= 0 {
		i++
	}
	if i == trimmed {
		return end
	}
	return i
}

// maxSpelled bounds in bytes an address that is spelled in katakana.
const maxSpelled = 120

// katakanaBefore returns where the row of katakana begins that ends before.
func katakanaBefore(before string) int {
	at := len(before)
	for at > 0 && len(before)-at < maxSpelled && scriptBefore(before, at) == katakana {
		_, n := runeBefore(before, at)
		at -= n
	}
	return at
}

func suffixOf(s string, words []string) int {
	for _, w := range words {
		if strings.HasSuffix(s, w) {
			return len(w)
		}
	}
	return 0
}

// maxLabels bounds the labels of a domain: more are no mail address's.
const maxLabels = 8

// domain returns where the part behind the at sign ends, and how many labels
// it has. A label is written in letters or spelled in katakana (ジェーピー).
func (s *search) domain(from int) (end, labels int) {
	at := from
	for labels < maxLabels {
		at += len(s.text[at:]) - len(strings.TrimLeft(s.text[at:], " "))
		n := label(s.text[at:])
		if n == 0 {
			return end, labels
		}
		at += n
		end = at
		labels++
		rest := strings.TrimLeft(s.text[at:], " ")
		dot := 0
		switch {
		case strings.HasPrefix(rest, "."):
			dot = 1
		case strings.HasPrefix(rest, "。"):
			dot = len("。")
		default:
			for _, w := range spokenSigns {
				if strings.HasPrefix(rest, w) {
					dot = len(w)
				}
			}
		}
		if dot == 0 {
			return end, labels
		}
		at = len(s.text) - len(rest) + dot
	}
	return end, labels
}

// label returns the length of a label of a domain at the beginning of s.
func label(s string) int {
	n := 0
	for n < len(s) && (atom(s[n]) && s[n] != '.') {
		n++
	}
	if n > 0 {
		return n
	}
	for n < len(s) && n < maxSpelled {
		r, w := utf8.DecodeRuneInString(s[n:])
		if (r < 'ァ' || r > 'ヶ') && r != 'ー' || strings.HasPrefix(s[n:], "ドット") {
			break
		}
		n += w
	}
	return n
}
