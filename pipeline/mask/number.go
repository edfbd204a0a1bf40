package mask

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// group is a row of digits in a number: bytes [from, to) of the text, and
// [a, b) of the search's digits, where those of neighbouring groups lie side by
// side.
type group struct {
	from, to int
	a, b     int
}

// maxGroups bounds the groups of one number: a card has four, a spoken
// telephone number eleven.
const maxGroups = 24

// numbers finds telephone numbers, cards and postal codes, written with
// digits or kanji or read aloud.
func (s *search) numbers() {
	i := 0
	for n, a := 0, 0; n < len(s.nums) || a < len(s.aloud); {
		at := len(s.text)
		if n < len(s.nums) {
			at = s.nums[n]
		}
		if a < len(s.aloud) && s.aloud[a] < at {
			at = s.aloud[a]
			a++
		} else {
			n++
		}
		if at < i {
			continue
		}
		if groups, end := s.readNumber(at); len(groups) > 0 {
			s.number(groups)
			i = end
		}
	}
}

// number looks for the longest row of groups that is something, from the left.
func (s *search) number(groups []group) {
	if groups[len(groups)-1].b-groups[0].a < 6 {
		return
	}
	thing := false
	for a := 0; a < len(groups); a++ {
		// What a hyphen or a space joins to a thing's number is part of it.
		if a == 0 || strings.Trim(s.text[groups[a-1].to:groups[a].from], "- .") != "" {
			thing = s.thing(groups[a].from)
		}
		if thing {
			continue
		}
		for b := len(groups); b > a; b-- {
			if k, from := s.classify(groups[a:b]); k != "" && s.isFree(from, groups[b-1].to) {
				s.add(from, groups[b-1].to, k)
				a = b - 1
				break
			}
		}
	}
}

// thing reports whether the number at from belongs to a thing: a product
// number, an order, a part of a longer code.
func (s *search) thing(from int) bool {
	before := strings.TrimRight(s.text[:from], "-_/#")
	if before != "" {
		last := before[len(before)-1]
		// "tel:" and "fax." end in a sign, a code such as MR-0901 in a letter.
		if last >= 'a' && last <= 'z' && !s.cuedBefore(from, cuePhone) && !s.cuedBefore(from, cueCard) {
			return true
		}
	}
	return s.cuedBefore(from, cueThing)
}

// classify tells what a row of groups is, and where it begins: "+" and "(" are
// part of it.
func (s *search) classify(groups []group) (k Kind, from int) {
	digits := s.digits[groups[0].a:groups[len(groups)-1].b]
	from = groups[0].from
	switch n := len(digits); {
	case n < 6:
		return "", 0
	case n >= 14 && n <= 19 && s.card(groups, digits):
		return Card, from
	case (n == 7 || n == 8) && s.postal(groups, n):
		if mark := strings.TrimRight(s.text[:from], " "); strings.HasSuffix(mark, "〒") {
			from = len(mark) - len("〒")
		}
		return Postal, from
	}
	if p := s.international(digits, from); p >= 0 {
		return Phone, p
	}
	if phone(digits) && s.phoneShape(groups) || s.unplanned(groups, digits) {
		if from > 0 && s.text[from-1] == '(' && strings.HasPrefix(s.text[groups[0].to:], ")") {
			from--
		}
		return Phone, from
	}
	if n := len(digits); n >= 6 && n <= 8 && len(groups) == 2 && s.cuedBefore(from, cuePhone) && !strings.HasPrefix(s.text[groups[1].to:], "-") {
		return Phone, from
	}
	return "", 0
}

// unplanned reports whether a number that the numbering plan does not know is
// a person's nevertheless: customers mistype theirs, and leave it all the same.
// It is written as a mobile's (080-0000-7719), in three groups as no company's
// (0120-1123-0044), or stands behind a cue. What only companies have is a
// person's where that one is to be called (ご連絡先 0120-000-554).
func (s *search) unplanned(groups []group, digits []byte) bool {
	n := len(digits)
	if n < 9 || n > 12 || digits[0] != '0' {
		return false
	}
	from := groups[0].from
	if s.cuedBefore(from, cueReach) {
		return true
	}
	size := func(i int) int { return groups[i].b - groups[i].a }
	if len(groups) == 3 && size(2) == 4 && isDigit(s.text[from]) {
		mobile := size(0) == 3 && size(1) == 4 && digits[2] == '0' && digits[1] >= '5'
		if mobile || size(0) == 4 && size(1) == 4 {
			return true
		}
	}
	if !s.cuedBefore(from, cuePhone) {
		return false
	}
	switch string(digits[:4]) {
	case "0120", "0570", "0990":
		return false
	case "0800":
		return n == 11 && digits[4] == '0' && len(groups) == 1 // 080 and a number of eight
	}
	return n >= 10
}

// phoneShape reports whether a number is parted as telephone numbers are: the
// last group has four digits at least, and / or ・ stand between three.
func (s *search) phoneShape(groups []group) bool {
	if len(groups) == 1 || !isDigit(s.text[groups[0].from]) {
		return true
	}
	last := groups[len(groups)-1]
	first := groups[0].b - groups[0].a
	if last.b-last.a < 4 || first > 5 && (first != 7 || len(groups) > 2) {
		return false
	}
	return len(groups) <= 3 || !strings.ContainsAny(s.text[groups[0].to:groups[1].from], "/・")
}

// card reports whether 14 to 19 digits are a card's: parted into groups of
// four, 4-6-5 or 4-6-4, in one row or read aloud with a right sum, or behind a
// cue.
func (s *search) card(groups []group, digits []byte) bool {
	if fours(groups) {
		return true
	}
	size := func(i int) int { return groups[i].b - groups[i].a }
	whole := len(groups) == 1 || len(groups) == 3 && size(0) == 4 && size(1) == 6 || !isDigit(s.text[groups[0].from])
	return whole && luhn(digits) || len(groups) <= 5 && s.cuedBefore(groups[0].from, cueCard)
}

// fours reports whether a card's number is written in groups of four.
func fours(groups []group) bool {
	for _, g := range groups {
		if g.b-g.a != 4 {
			return false
		}
	}
	return len(groups) == 4
}

// postal reports whether seven digits are a postal code: 3 and 4 with a
// hyphen, or a mark or cue before them.
func (s *search) postal(groups []group, n int) bool {
	if n != 7 {
		return false
	}
	from := groups[0].from
	cued := strings.HasSuffix(strings.TrimRight(s.text[:from], " "), "〒") || s.cuedBefore(from, cuePostal)
	if cued {
		return true
	}
	if from > 1 && s.text[from-1] == '-' && isDigit(s.text[from-2]) {
		return false // the end of a longer number
	}
	return len(groups) == 2 && groups[0].b-groups[0].a == 3 && s.text[groups[0].to] == '-' && !s.cuedBefore(from, cuePhone) && !s.cuedBefore(from, cueAccount)
}

// international returns where a number with Japan's country code begins, −1
// if it is none.
func (s *search) international(digits []byte, from int) int {
	rest, exit := bytes.CutPrefix(digits, []byte("0081"))
	ok := exit
	if !exit {
		rest, ok = bytes.CutPrefix(digits, []byte("81"))
	}
	plus := from > 0 && s.text[from-1] == '+' || ok && len(rest) == 10 && rest[1] == '0' && rest[0] >= '7' && s.text[from+2] == '-'
	if !ok || !exit && !plus || !phone(append([]byte{'0'}, bytes.TrimPrefix(rest, []byte{'0'})...)) {
		return -1
	}
	if from > 0 && s.text[from-1] == '+' {
		return from - 1
	}
	return from
}

// phone reports whether digits are a subscriber's number by Japan's numbering
// plan: 11 digits for mobile and IP telephones, 10 for land lines. Numbers
// that only companies have (0120, 0570, 0800, 0990) are not personal.
func phone(digits []byte) bool {
	if len(digits) < 10 || digits[0] != '0' || digits[1] == '0' {
		return false
	}
	switch string(digits[:3]) {
	case "050", "070", "080", "090":
		return len(digits) == 11 && string(digits[:4]) != "0800"
	}
	switch string(digits[:4]) {
	case "0120", "0570", "0990":
		return false
	}
	return len(digits) == 10
}

// readNumber reads the groups of digits at i and returns where they end; none
// if no number begins there. What it returns is good until the next call.
func (s *search) readNumber(i int) ([]group, int) {
	s.groups, s.digits = s.groups[:0], s.digits[:0]
	end, at := i, i
	for len(s.groups) < maxGroups {
		g, next := s.readGroup(at, len(s.groups) > 0)
		if next == at {
			break
		}
		s.groups = append(s.groups, g)
		end = next
		sep := separator(s.text, next)
		at = next + sep
		if sep == 0 {
			break
		}
	}
	return s.groups, end
}

// readGroup reads digits of one style: 0–9, or kanji and readings.
// inside: a group stands before it.
func (s *search) readGroup(i int, inside bool) (group, int) {
	text, first := s.text, len(s.digits)
	at, style, sure := i, noDigit, false
	for at < len(text) {
		c, n, st := digit(text[at:])
		if n == 0 || !style.goesWith(st) {
			break
		}
		s.digits = append(s.digits, c)
		at += n
		// One kana read as a digit is a common syllable (に, ご, シ): it counts
		// beside others.
		sure = sure || st < hiraganaDigit || n > len("に") || inside && st == katakanaDigit
		if style <= kanjiDigit {
			style = st
		}
	}
	if !sure && len(s.digits)-first < 2 {
		s.digits = s.digits[:first]
		return group{}, i
	}
	return group{i, at, first, len(s.digits)}, at
}

// digitStyle is how a digit is written. Within a group kanji mix with all,
// the two kana do not: に behind ヨンヨン is a particle.
type digitStyle uint8

const (
	noDigit digitStyle = iota
	arabicDigit
	kanjiDigit
	hiraganaDigit
	katakanaDigit
)

// goesWith reports whether digits of two styles can stand in one group: ゼロ九ゼロ, 0九〇.
func (a digitStyle) goesWith(b digitStyle) bool {
	return a == noDigit || a == b || a == kanjiDigit || b == kanjiDigit
}

// digit reads one digit; n is 0 if there is none.
func digit(s string) (c byte, n int, style digitStyle) {
	if s[0] < utf8.RuneSelf {
		if s[0] >= '0' && s[0] <= '9' {
			return s[0], 1, arabicDigit
		}
		return 0, 0, noDigit
	}
	r, w := utf8.DecodeRuneInString(s)
	switch {
	case r >= 'ぁ' && r <= 'ゖ':
		c, n = spokenDigit(r, s[w:])
		return c, n, hiraganaDigit
	case r >= 'ァ' && r <= 'ヶ':
		c, n = spokenDigit(r-('ァ'-'ぁ'), s[w:])
		return c, n, katakanaDigit
	}
	switch r {
	case '〇', '零', '○':
		c = '0'
	case '一':
		c = '1'
	case '二':
		c = '2'
	case '三':
		c = '3'
	case '四':
		c = '4'
	case '五':
		c = '5'
	case '六':
		c = '6'
	case '七':
		c = '7'
	case '八':
		c = '8'
	case '九':
		c = '9'
	default:
		return 0, 0, noDigit
	}
	return c, w, kanjiDigit
}

// spokenDigit reads a digit read aloud: first is its first kana as hiragana,
// rest what follows. n is the length with the first kana, 0 if there is none.
func spokenDigit(first rune, rest string) (c byte, n int) {
	second, w := runeAt(rest, 0)
	if second >= 'ァ' && second <= 'ヶ' {
		second -= 'ァ' - 'ぁ'
	}
	one, two := len("に"), len("に")+w
	switch {
	case first == 'ぜ' && second == 'ろ', first == 'れ' && second == 'い', first == 'ま' && second == 'る':
		return '0', two
	case first == 'い' && second == 'ち':
		return '1', two
	case first == 'に' && (second == 'ー' || second == 'い' && !strings.HasPrefix(rest[w:], "ち") && !strings.HasPrefix(rest[w:], "チ")):
		return '2', two
	case first == 'に':
		return '2', one
	case first == 'さ' && second == 'ん':
		return '3', two
	case first == 'よ' && second == 'ん':
		return '4', two
	case first == 'ご' && (second == 'ー' || second == 'お'):
		return '5', two
	case first == 'ご':
		return '5', one
	case first == 'ろ' && second == 'く':
		return '6', two
	case first == 'な' && second == 'な', first == 'し' && second == 'ち':
		return '7', two
	case first == 'は' && second == 'ち':
		return '8', two
	case first == 'き' && second == 'ゅ':
		if third, k := runeAt(rest, w); third == 'う' || third == 'ー' || third == 'ウ' {
			return '9', two + k
		}
	case first == 'し':
		return '4', one
	case first == 'く':
		return '9', one
	}
	return 0, 0
}
