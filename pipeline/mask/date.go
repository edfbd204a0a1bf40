package mask

import (
	"strings"
	"unicode/utf8"
)

// oldYear is the last year of a full date that is taken for a birth date
// without a cue: contracts and purchases that callers date are younger, and
// whoever is on the telephone is older.
const oldYear = 2005

// dates finds birth dates: a date with a cue (生年月日, 生まれ), or a full date
// too old for an event that a contact is about.
func (s *search) dates() {
	end := 0
	for _, i := range s.nums {
		if i < end {
			continue
		}
		d, ok := readDate(s.text, i)
		if !ok {
			continue
		}
		if s.birth(d) {
			s.add(d.from, d.to, BirthDate)
			end = d.to
		}
		if !d.loose {
			end = d.to
		}
	}
}

func (s *search) birth(d date) bool {
	if d.from > 0 {
		if c := s.text[d.from-1]; c == '-' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return false
		}
	}
	switch {
	case s.cuedBefore(d.from, cueBirth), s.cuedAfter(d.to, cueBorn):
		return true
	case s.cuedBefore(d.from, cueDated), s.cuedBefore(d.from, cueThing), s.cuedAfter(d.to, cueDated):
		return false
	}
	return !d.loose && d.full && d.year > 1900 && d.year <= oldYear
}

// date is a calendar date in a text.
type date struct {
	from, to int
	year     int  // of the common era; 0: not said
	full     bool // year, month and day
	loose    bool // a form that other numbers have too: 3/2, 85.3.2, s600302
}

// eras give the year before their first.
var eras = [...]struct {
	name  string
	start int
}{
	{"令和", 2018},
	{"平成", 1988},
	{"昭和", 1925},
	{"大正", 1911},
	{"明治", 1867},
	{"r", 2018},
	{"h", 1988},
	{"s", 1925},
	{"t", 1911},
	{"令", 2018},
	{"平", 1988},
	{"昭", 1925},
	{"大", 1911},
	{"明", 1867},
}

// eraBegins are the first characters of the eras.
const eraBegins = "rhst令平昭大明"

// numeral reports whether a number in digits or kanji may begin with r.
func numeral(r rune) bool {
	switch r {
	case '〇', '零', '○', '一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '元', '百':
		return true
	}
	return r >= '0' && r <= '9'
}

// readDate reads a date at i: 1985年3月2日, 昭和六十年三月二日, S60.3.2, 1985/3/2,
// 19850302, 3月2日, and loosely 3/2, 85.3.2, 1985 3 2 and S600302.
func readDate(text string, i int) (date, bool) {
	at, start := i, 0
	for _, e := range eras {
		if strings.HasPrefix(text[i:], e.name) {
			at, start = i+len(e.name), e.start
			break
		}
	}
	first, n, digits := readNumeral(text[at:])
	if n == 0 {
		return date{}, false
	}
	at += n
	if start == 0 && digits == 8 {
		return compact(text, i, at, first)
	}
	if start > 0 && digits == 6 {
		d, ok := compact(text, i, at, first+start*10_000)
		d.loose = true
		return d, ok
	}
	if start == 0 && (digits == 1 || digits == 2) || digits == 4 && strings.HasPrefix(text[at:], " ") {
		if d, ok := looseDate(text, i, at, first, digits); ok {
			return d, true
		}
	}
	year, ok := first+start, start > 0 && first < 100 || digits == 4 && first > 1850 && first < 2100
	if u := cut(text[at:], "年"); u > 0 && (ok || start > 0) {
		return monthDay(text, i, at+u+cut(text[at+u:], "の"), year, "月")
	}
	if u := cut(text[at:], "月"); u > 0 && start == 0 && first >= 1 && first <= 12 {
		return day(text, i, at+u+cut(text[at+u:], "の"), 0, first, "日")
	}
	if ok && at < len(text) && strings.IndexByte("/.-", text[at]) >= 0 {
		return monthDay(text, i, at+1, year, text[at:at+1])
	}
	return date{}, false
}

func cut(s, prefix string) int {
	if strings.HasPrefix(s, prefix) {
		return len(prefix)
	}
	return 0
}

// monthDay reads the rest of a date after its year.
func monthDay(text string, from, at, year int, sep string) (date, bool) {
	month, n, _ := readNumeral(text[at:])
	u := cut(text[at+n:], sep)
	if n == 0 || month < 1 || month > 12 || u == 0 {
		return date{}, false
	}
	unit := ""
	if sep == "月" {
		unit = "日"
	}
	at += n + u
	return day(text, from, at+cut(text[at:], "の"), year, month, unit)
}

// looseDate reads the rest of a date whose first number, of one, two or four
// digits, ends at at: 3/2, 85.3.2, 85年3月2日, 1985 3 2.
func looseDate(text string, from, at, first, digits int) (date, bool) {
	var d date
	ok := false
	switch {
	case digits == 4:
		d, ok = monthDay(text, from, at+1, first, " ")
	case cut(text[at:], "年") > 0:
		d, ok = monthDay(text, from, at+len("年"), 1900+first, "月")
	case at < len(text) && strings.IndexByte("/.-", text[at]) >= 0:
		if d, ok = monthDay(text, from, at+1, 1900+first, text[at:at+1]); !ok && first >= 1 && first <= 12 {
			d, ok = day(text, from, at+1, 0, first, "")
		}
	}
	d.loose = true
	return d, ok
}

func day(text string, from, at, year, month int, unit string) (date, bool) {
	d, n, _ := readNumeral(text[at:])
	u := cut(text[at+n:], unit)
	if n == 0 || d < 1 || d > 31 || unit != "" && u == 0 || month < 1 {
		return date{}, false
	}
	return date{from: from, to: at + n + u, year: year, full: year > 0}, true
}

// compact reads the eight digits of 19850302.
func compact(text string, from, to, n int) (date, bool) {
	year, month, d := n/10_000, n/100%100, n%100
	if to < len(text) && text[to] == '-' || year < 1900 || year > 2030 || month < 1 || month > 12 || d < 1 || d > 31 {
		return date{}, false
	}
	return date{from: from, to: to, year: year, full: true}, true
}

// maxNumeral bounds in bytes a number in kanji: 一千二百三十四番地 has seven.
const maxNumeral = 12 * len("一")

// readNumeral reads a number in digits or kanji (六十三); digits is the number
// of digits, 0 for kanji.
func readNumeral(s string) (value, n, digits int) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' && n < 9 {
		value = value*10 + int(s[n]-'0')
		n++
	}
	if n > 0 {
		return value, n, n
	}
	ones := 0
	for n < len(s) && n < maxNumeral {
		r, w := utf8.DecodeRuneInString(s[n:])
		switch {
		case r == '十':
			value += max(ones, 1) * 10
			ones = 0
		case r == '元' && n == 0:
			return 1, w, 0
		default:
			c, k, style := digit(s[n:])
			if k != w || style != kanjiDigit {
				return value + ones, n, 0
			}
			ones = ones*10 + int(c-'0')
		}
		n += w
	}
	return value + ones, n, 0
}
