package mask

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// addresses finds addresses down to the room: a place name with a number tail
// (市, 区, 町 … followed by 丁目, 番地, 号 or numbers with hyphens). The
// prefecture stays readable, so that regions can still be compared.
func (s *search) addresses() {
	for i := 0; i < len(s.text); {
		to, ok := tail(s.text, i)
		if !ok {
			_, n := utf8.DecodeRuneInString(s.text[i:])
			i += n
			continue
		}
		if from := placeStart(s.text, i); from < i {
			from += prefecture(s.text[from:i])
			if from < i {
				to = building(s.text, to)
				s.add(from, to, Address)
			}
		}
		i = to
	}
}

// tail reads the number tail of an address at i: 1-2-3, 331番地14, 二丁目3番5号.
func tail(text string, i int) (end int, ok bool) {
	if i > 0 {
		if r, _ := utf8.DecodeLastRuneInString(text[:i]); !placeRune(r) || unicode.IsDigit(r) {
			return 0, false
		}
	}
	at, parts, units := i, 0, 0
	for at < len(text) {
		_, n, _ := readNumeral(text[at:])
		if n == 0 {
			break
		}
		parts++
		at += n
		end = at
		sep := 0
		for _, u := range [...]string{"丁目", "番地の", "番地", "番", "号室", "号", "条", "線"} {
			if strings.HasPrefix(text[at:], u) {
				units++
				at += len(u)
				end = at
				break
			}
		}
		for at < len(text) && (text[at] == '-' || strings.HasPrefix(text[at:], "の")) {
			r, w := utf8.DecodeRuneInString(text[at:])
			if _, k, _ := readNumeral(text[at+w:]); k == 0 {
				break
			}
			_ = r
			at += w
			sep++
		}
		if sep == 0 && units == 0 {
			break
		}
	}
	return end, parts >= 2 || units > 0 && strings.Contains(text[i:end], "番地") || units > 0 && strings.Contains(text[i:end], "丁目")
}

// placeRune reports whether r may stand in the name of a place.
func placeRune(r rune) bool {
	return unicode.Is(unicode.Han, r) || unicode.Is(unicode.Katakana, r) || r == 'ー' || r == 'ヶ' || r == 'ノ' || r == '々' || unicode.Is(unicode.Hiragana, r)
}

// maxPlace bounds in runes the part of an address before its numbers.
const maxPlace = 24

// placeStart walks back from the numbers at end to where the place name
// begins, end if there is no place: it needs one of 市区町村郡都道府県 in it.
func placeStart(text string, end int) int {
	at, runes, unit := end, 0, -1
	for at > 0 && runes < maxPlace {
		r, n := utf8.DecodeLastRuneInString(text[:at])
		if !placeRune(r) || particleBoundary(text[:at]) {
			break
		}
		at -= n
		runes++
		if strings.ContainsRune("市区町村郡都道府県", r) {
			unit = at
		}
	}
	if unit < 0 || unit == at {
		return end
	}
	return at
}

// particleBoundary reports whether before ends in hiragana that joins words
// and is not part of a place name such as つくば or さいたま.
func particleBoundary(before string) bool {
	r, n := utf8.DecodeLastRuneInString(before)
	if !strings.ContainsRune("はがをにへとでもや", r) {
		return false
	}
	p, _ := utf8.DecodeLastRuneInString(before[:len(before)-n])
	return !unicode.Is(unicode.Hiragana, p)
}

// prefecture returns the length of the prefecture at the head of an address.
func prefecture(s string) int {
	for _, p := range [...]string{"北海道", "東京都", "大阪府", "京都府"} {
		if strings.HasPrefix(s, p) {
			return len(p)
		}
	}
	runes := 0
	for i, r := range s {
		if runes >= 2 && r == '県' {
			return i + len("県")
		}
		if runes++; runes > 3 {
			break
		}
	}
	return 0
}

// maxBuilding bounds in runes a building's name.
const maxBuilding = 20

// building extends an address by the building and room behind it: メゾン桜木 305,
// 第二みどりA棟502号室.
func building(text string, at int) int {
	i := at + len(text[at:]) - len(strings.TrimLeft(text[at:], " "))
	end, runes := i, 0
	for end < len(text) && runes < maxBuilding {
		r, n := utf8.DecodeRuneInString(text[end:])
		if unicode.IsDigit(r) || !placeRune(r) && (r < 'a' || r > 'z') && r != '・' || particleBoundary(text[:end+n]) {
			break
		}
		end += n
		runes++
	}
	if runes == 1 || runes == 0 && i == at {
		return at
	}
	num := end + len(text[end:]) - len(strings.TrimLeft(text[end:], " -"))
	if _, n, digits := readNumeral(text[num:]); n > 0 && digits >= 2 && digits <= 4 {
		num += n
		for _, u := range [...]string{"号室", "号", "室"} {
			if strings.HasPrefix(text[num:], u) {
				return num + len(u)
			}
		}
		if rest := text[num:]; strings.HasPrefix(rest, "年") || strings.HasPrefix(rest, "円") || strings.HasPrefix(rest, "月") {
			return at
		}
		return num
	}
	return at
}
