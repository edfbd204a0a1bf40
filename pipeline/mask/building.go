package mask

import (
	"strings"
	"unicode/utf8"
)

// houses end the names of buildings.
var houses = [...]string{
	"ビル", "マンション", "ハイツ", "コーポ", "アパート", "荘", "寮", "団地", "棟", "ハウス", "メゾン", "レジデンス", "パレス", "コート", "タワー", "ヒルズ", "館", "ハイム", "プラザ", "センター", "スクエア", "シティ", "住宅", "苑", "方",
}

// maxBuilding bounds in runes a building's name.
const maxBuilding = 24

// building extends an address that ends at at by the building and room behind
// it: メゾン桜木 305, 第二みどりA棟502号室, B-101.
func (s *search) building(at int) int {
	text := s.text
	if rest := text[at:]; strings.HasPrefix(rest, "-") && !strings.HasPrefix(rest, "--") {
		at++ // 1-2-3-A, and a number that was not finished
		if len(rest) > 1 && isLetter(rune(rest[1])) {
			at++
		}
	}
	if rest := text[at:]; len(rest) > 0 && rest[0] == 'f' && (len(rest) == 1 || !isLetter(rune(rest[1]))) {
		at++ // 1-8-1-2F
	}
	from := at + spaces(text[at:], " ")
	spaced := from > at
	end, house := buildingName(text, from)
	named := runes(text[from:end])
	switch sc := scriptAt(text, from); {
	case house:
	case named == 0 && !spaced, named == 1 && sc != latin:
		return at
	case named > 0 && !spaced && sc != katakana && sc != latin:
		return at
	}
	gap := end + spaces(text[end:], " -")
	n := room(text[gap:])
	switch {
	case n > 0 && (named > 0 || strings.HasSuffix(text[gap:gap+n], "室") || spaced && n == len("305")):
		return roomInHouse(text, gap+n)
	case house:
		return end
	}
	return at
}

// spaces returns how many bytes of signs text begins with.
func spaces(text, signs string) int { return len(text) - len(strings.TrimLeft(text, signs)) }

// buildingName returns where the name of a building at from ends, and whether
// a word for a building is in it.
func buildingName(text string, from int) (end int, house bool) {
	end = from
	for named := 0; named < maxBuilding && end < len(text); named++ {
		r, n := utf8.DecodeRuneInString(text[end:])
		if isDigit(text[end]) && !strings.HasSuffix(text[from:end], "第") || !placeRune(r) && !isLetter(r) && !isDigit(text[end]) || particleEnd(text, end+n, house) || roomAt(text[end:]) > 0 {
			break
		}
		end += n
		for _, h := range houses {
			house = house || named > 0 && strings.HasSuffix(text[from:end], h)
		}
	}
	return end, house
}

// roomInHouse returns the end of what stands behind the number of a house or a
// room: 12号棟304.
func roomInHouse(text string, end int) int {
	for _, h := range [...]string{"号棟", "棟"} {
		if rest, ok := strings.CutPrefix(text[end:], h); ok {
			end += len(h)
			gap := spaces(rest, " -")
			if n := room(rest[gap:]); n > 0 {
				end += gap + n
			}
			return end
		}
	}
	return end
}

// particleEnd reports whether a building's name ends before at because a
// particle stands there.
func particleEnd(text string, at int, house bool) bool {
	r, n := runeBefore(text, at)
	if scriptOfRune(r) != hiragana {
		return false
	}
	if house {
		// ハイツあさひ203: the name goes on up to the room.
		from, end := runBefore(text, at, hiragana), runAfter(text, at-n, hiragana)
		return end-from < len("あさ") || end >= len(text) || !isDigit(text[end]) || strings.HasPrefix(text[from:], "から") || strings.HasPrefix(text[from:], "まで") || strings.HasPrefix(text[from:], "より")
	}
	return strings.ContainsRune("はがをにへとでもやの", r) && scriptBefore(text, at-n) != hiragana
}

// roomAt returns the length of a room in kanji: 四〇五号室.
func roomAt(text string) int {
	_, n, digits := readNumeral(text)
	if n < 2*len("四") || digits > 0 {
		return 0
	}
	return room(text)
}

// room returns the length of a room number: 305, b-101, 502号室, 5階.
func room(text string) int {
	at := 0
	if len(text) > 1 && isLetter(rune(text[0])) && !isLetter(rune(text[1])) {
		at++
		if strings.HasPrefix(text[at:], "棟") {
			at += len("棟")
		}
		at += len(text[at:]) - len(strings.TrimLeft(text[at:], " -"))
	}
	_, n, digits := readNumeral(text[at:])
	if n == 0 || digits > 5 {
		return 0
	}
	at += n
	for _, u := range [...]string{"号室", "号", "室", "階", "f"} {
		if strings.HasPrefix(text[at:], u) && !strings.HasPrefix(text[at:], "号棟") {
			at += len(u)
			if u == "階" {
				at += room(text[at:])
			}
			return at
		}
	}
	if digits == 1 && !strings.HasPrefix(text[at:], "号棟") && at == n {
		return 0
	}
	for _, u := range [...]string{"年", "円", "月", "日", "時", "分", "個", "人", "回", "%", ":", "/"} {
		if strings.HasPrefix(text[at:], u) {
			return 0
		}
	}
	return at
}

// lastPrefecture returns where the last prefecture in s begins and ends; 0, 0
// if there is none.
func lastPrefecture(s string) (from, to int) {
	for _, p := range prefectures {
		if i := strings.LastIndex(s, p); i >= 0 && i+len(p) > to && (p != "京都府" || !strings.HasSuffix(s[:i], "東")) {
			from, to = i, i+len(p)
		}
	}
	if i := strings.LastIndex(s, "県"); i >= 2*len("県") && i+len("県") > to {
		from, to = i-2*len("県"), i+len("県")
	}
	return from, to
}
