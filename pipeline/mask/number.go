package mask

import (
	"strings"
	"unicode/utf8"
)

// group is a row of digits in a number: bytes [from, to) of the text.
type group struct {
	from, to int
	digits   string
}

// maxGroups bounds the groups of one number: a card has four, a spoken
// telephone number eleven.
const maxGroups = 24

// numbers finds telephone numbers, cards and postal codes, written with
// digits or kanji or read aloud.
func (s *search) numbers() {
	for i := 0; i < len(s.text); {
		groups, end := readNumber(s.text, i)
		if len(groups) == 0 {
			_, n := utf8.DecodeRuneInString(s.text[i:])
			i += n
			continue
		}
		s.number(groups)
		i = end
	}
}

// number looks for the longest row of groups that is something, from the left.
func (s *search) number(groups []group) {
	if s.thing(groups[0].from) {
		return
	}
	for a := 0; a < len(groups); a++ {
		for b := len(groups); b > a; b-- {
			if k, from := s.classify(groups[a:b]); k != "" {
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
	var b strings.Builder
	for _, g := range groups {
		b.WriteString(g.digits)
	}
	digits := b.String()
	from = groups[0].from
	switch n := len(digits); {
	case n < 6:
		return "", 0
	case n >= 14 && n <= 19 && (luhn(digits) || fours(groups) || s.cuedBefore(from, cueCard)):
		return Card, from
	case (n == 7 || n == 8) && s.postal(groups, n):
		return Postal, from
	}
	if p := s.international(digits, from); p >= 0 {
		return Phone, p
	}
	if phone(digits) && (len(groups) == 1 || len(groups[0].digits) <= 5) {
		if from > 0 && s.text[from-1] == '(' {
			from--
		}
		return Phone, from
	}
	if n := len(digits); n >= 6 && n <= 8 && len(groups) == 2 && s.cuedBefore(from, cuePhone) {
		return Phone, from
	}
	return "", 0
}

// fours reports whether a card's number is written in groups of four.
func fours(groups []group) bool {
	for _, g := range groups {
		if len(g.digits) != 4 {
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
	return len(groups) == 2 && len(groups[0].digits) == 3 && s.text[groups[0].to] == '-' && !s.cuedBefore(from, cuePhone) && !s.cuedBefore(from, cueAccount)
}

// international returns where a number with Japan's country code begins, −1
// if it is none.
func (s *search) international(digits string, from int) int {
	rest, ok := strings.CutPrefix(digits, "81")
	if !ok || from == 0 || s.text[from-1] != '+' {
		return -1
	}
	if !phone("0" + strings.TrimPrefix(rest, "0")) {
		return -1
	}
	return from - 1
}

// phone reports whether digits are a subscriber's number by Japan's numbering
// plan: 11 digits for mobile and IP telephones, 10 for land lines. Numbers
// that only companies have (0120, 0570, 0800, 0990) are not personal.
func phone(digits string) bool {
	if len(digits) < 10 || digits[0] != '0' || digits[1] == '0' {
		return false
	}
	switch digits[:3] {
	case "050", "070", "080", "090":
		return len(digits) == 11 && digits[:4] != "0800"
	}
	switch digits[:4] {
	case "0120", "0570", "0990":
		return false
	}
	return len(digits) == 10
}

// readNumber reads the groups of digits at i and returns where they end; none
// if no number begins there.
func readNumber(text string, i int) ([]group, int) {
	var groups []group
	end, at := i, i
	for len(groups) < maxGroups {
		g, next := readGroup(text, at)
		if next == at {
			break
		}
		groups = append(groups, g)
		end = next
		sep := separator(text, next)
		at = next + sep
		if sep == 0 {
			break
		}
	}
	return groups, end
}

// readGroup reads digits of one style: 0–9, or kanji and readings.
func readGroup(text string, i int) (group, int) {
	var d []byte
	at, style, sure := i, noDigit, false
	for at < len(text) {
		c, n, st := digit(text[at:])
		if n == 0 || style != noDigit && (st == arabicDigit) != (style == arabicDigit) {
			break
		}
		d = append(d, c)
		at += n
		// One kana read as a digit is a common syllable (に, ご, シ): it counts
		// beside others.
		sure = sure || st != spokenDigit || n > len("に")
		style = st
	}
	if !sure && len(d) < 2 {
		return group{}, i
	}
	return group{i, at, string(d)}, at
}

// spoken are the readings of the digits, longer ones first.
var spoken = [...]struct {
	word  string
	digit byte
}{
	{"ゼロ", '0'},
	{"れい", '0'},
	{"レイ", '0'},
	{"ぜろ", '0'},
	{"マル", '0'},
	{"まる", '0'},
	{"イチ", '1'},
	{"いち", '1'},
	{"サン", '3'},
	{"さん", '3'},
	{"ヨン", '4'},
	{"よん", '4'},
	{"ロク", '6'},
	{"ろく", '6'},
	{"ナナ", '7'},
	{"なな", '7'},
	{"シチ", '7'},
	{"しち", '7'},
	{"ハチ", '8'},
	{"はち", '8'},
	{"キュウ", '9'},
	{"キュー", '9'},
	{"きゅう", '9'},
	{"ニー", '2'},
	{"にー", '2'},
	{"ゴー", '5'},
	{"ごー", '5'},
	{"ニ", '2'},
	{"に", '2'},
	{"ゴ", '5'},
	{"ご", '5'},
	{"シ", '4'},
	{"ク", '9'},
}

// digitStyle is how a digit is written. A group has one style.
type digitStyle uint8

const (
	noDigit digitStyle = iota
	arabicDigit
	kanjiDigit
	spokenDigit
)

// digit reads one digit; n is 0 if there is none.
func digit(s string) (c byte, n int, style digitStyle) {
	if s[0] >= '0' && s[0] <= '9' {
		return s[0], 1, arabicDigit
	}
	if s[0] < utf8.RuneSelf {
		return 0, 0, noDigit
	}
	switch r, n := utf8.DecodeRuneInString(s); r {
	case '〇', '零', '○':
		return '0', n, kanjiDigit
	case '一':
		return '1', n, kanjiDigit
	case '二':
		return '2', n, kanjiDigit
	case '三':
		return '3', n, kanjiDigit
	case '四':
		return '4', n, kanjiDigit
	case '五':
		return '5', n, kanjiDigit
	case '六':
		return '6', n, kanjiDigit
	case '七':
		return '7', n, kanjiDigit
	case '八':
		return '8', n, kanjiDigit
	case '九':
		return '9', n, kanjiDigit
	}
	for _, w := range spoken {
		if strings.HasPrefix(s, w.word) {
			return w.digit, len(w.word), spokenDigit
		}
	}
	return 0, 0, noDigit
}

// separator returns the length of what parts two groups of a number at i, 0 if
// no group follows.
func separator(text string, i int) int {
	n := 0
	for signs := 0; signs < 3 && i+n < len(text); signs++ {
		r, w := utf8.DecodeRuneInString(text[i+n:])
		switch r {
		case '-', ' ', '(', ')', '.', '‐', '–', '―', '−', '─', 'ー', '~', 'の', '、', '/':
		default:
			signs = 3
			continue
		}
		n += w
	}
	if n == 0 || i+n >= len(text) {
		return 0
	}
	if _, w, _ := digit(text[i+n:]); w == 0 {
		return 0
	}
	return n
}
