package mask

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addresses finds addresses down to the room: a place name with a number tail
// (市, 区, 町 … followed by 丁目, 番地, 号 or numbers with hyphens). The
// prefecture stays readable, so that regions can still be compared.
func (s *search) addresses() {
	spoken := strings.Contains(s.text, "ちょうめ")
	end := 0
	for _, i := range s.nums {
		if i >= end {
			end = max(end, s.address(i, spoken))
		}
	}
	if !spoken {
		return
	}
	end = 0
	for _, i := range s.aloud {
		if i >= end {
			end = max(end, s.address(i, spoken))
		}
	}
}

// address takes the address whose numbers begin at i, and returns where to go
// on.
func (s *search) address(i int, spoken bool) int {
	t := s.tail(i, spoken)
	if t.parts == 0 {
		return i
	}
	if from := s.place(i, t); from < i && s.isFree(from, i) {
		end := s.building(t.end)
		s.add(from, end, Address)
		return end
	}
	// 三 of 三軒茶屋 may be followed by the number proper.
	if t.parts > 1 || t.sure {
		return t.end
	}
	return i
}

// tail is the numbers of an address: 1-2-3, 331番地14, 二丁目3番5号, 南4条西10丁目.
type tail struct {
	end   int
	parts int  // numbers
	sure  bool // 番地, or 丁目 with more behind it
	chome bool // 丁目 and nothing behind it
	block bool // 丁目, whatever is behind it
	plain bool // written in digits
}

// units follow the numbers of an address, longer ones first.
var units = [...]string{"丁目", "番地の", "番地", "番町", "番", "号室", "号", "条通", "条", "線", "丁", "ちょうめ", "ばんち", "ばん", "ごう"}

// tail reads the numbers of an address at i.
func (s *search) tail(i int, spoken bool) (t tail) {
	text := s.text
	if r, _ := runeBefore(text, i); !placeRune(r) && r != ' ' || r >= '0' && r <= '9' {
		return t
	}
	at := i
	for at < len(text) {
		n := count(text[at:], spoken)
		if n == 0 {
			break
		}
		t.plain = t.plain || isDigit(text[at])
		t.parts++
		at += n
		t.end = at
		unit := ""
		for _, u := range units {
			if strings.HasPrefix(text[at:], u) && (u != "丁" || count(text[at+len(u):], false) > 0) {
				unit = u
				break
			}
		}
		at += len(unit)
		if unit != "" {
			t.end = at
			t.sure = t.sure || strings.HasPrefix(unit, "番地") || unit == "ばんち"
			t.chome = unit == "丁目" || unit == "丁" || unit == "ちょうめ"
			t.block = t.block || t.chome
		} else {
			t.chome = false
		}
		next := join(text, at, unit)
		if next == at && unit == "" || count(text[next:], spoken) == 0 {
			break
		}
		at = next
	}
	t.sure = t.sure || t.parts > 1
	return t
}

// join returns where the next number of an address may begin behind at.
func join(text string, at int, unit string) int {
	for _, j := range [...]string{"-", "の", "ー", "−", "―", "–", "—"} {
		if strings.HasPrefix(text[at:], j) {
			at += len(j)
			break
		}
	}
	if unit == "条" || unit == "条通" || unit == "線" || unit == "丁目" {
		if r, n := runeAt(text, at); strings.ContainsRune("東西南北", r) {
			at += n
		}
	}
	if strings.HasPrefix(text[at:], " ") && unit != "" {
		at++
	}
	return at
}

// count returns the length of the number that text begins with: digits, kanji,
// or where spoken is set hiragana (じゅうに).
func count(text string, spoken bool) int {
	if text == "" {
		return 0
	}
	if _, n, _ := readNumeral(text); n > 0 {
		return n
	}
	if !spoken {
		return 0
	}
	n := 0
	for {
		k := 0
		for _, w := range [...]string{"いっ", "いち", "に", "さん", "よん", "し", "ごう", "ご", "ろく", "ろっ", "なな", "しち", "はち", "はっ", "きゅう", "じゅう", "じゅっ", "ひゃく", "びゃく"} {
			if strings.HasPrefix(text[n:], w) && w != "ごう" {
				k = len(w)
				break
			}
			if w == "ごう" && strings.HasPrefix(text[n:], w) {
				return n
			}
		}
		if k == 0 {
			return n
		}
		n += k
	}
}

// placeRune reports whether r may stand in the name of a place.
func placeRune(r rune) bool {
	switch scriptOfRune(r) {
	case kanji, hiragana, katakana:
		return true
	default:
		return unicode.Is(unicode.Han, r) || r == 'ヶ' || r == 'ゝ' || r == '・'
	}
}

// maxPlace bounds in runes the part of an address before its numbers: the
// longest of Kyoto have some 30.
const maxPlace = 40

// place returns where the address begins whose numbers t begin at end; end if
// no place stands before them or too little says that it is one.
func (s *search) place(end int, t tail) int {
	from := s.placeStart(end)
	if from == end {
		return end
	}
	region := s.text[from:end]
	prefecture := false
	if _, n := lastPrefecture(region); n > 0 {
		from += n
		prefecture = true
	}
	from += s.headed(from, end)
	region = strings.TrimSuffix(s.text[from:end], " ")
	unit := strings.LastIndexAny(region, "市区郡町村")
	_, first := runeAt(region, 0)
	city := strings.IndexAny(region, "市区郡")
	switch {
	case region == "" || !t.sure && (office(region) || firm(region) && !town(region) && (!prefecture || city < first)):
		return end
	case s.afterPostal(from):
		return from
	case t.sure && (unit >= first || prefecture || s.known(from, region) || s.quarter(region, t)):
		return from
	case (t.chome || strings.Contains(region, "町字") && scriptAt(s.text, t.end) != kanji) && strings.ContainsAny(region[first:], "町") && !landmark(s.text[t.end:]):
		return from
	case t.chome && unit >= first && prefecture, t.chome && city >= first && !landmark(s.text[t.end:]):
		return from
	case !t.plain && !t.chome:
		return end
	case city >= first && city < len(region)-2*len("市") && !t.chome && !s.counted(t.end) && (prefecture || town(region)):
		return from
	case prefecture && town(region) && !s.counted(t.end):
		return from
	}
	return end
}

// afterPostal reports whether a postal code ends right before from.
func (s *search) afterPostal(from int) bool {
	at := len(strings.TrimRight(s.text[:from], " \n"))
	return at > 0 && isDigit(s.text[at-1]) && len(s.out) > 0 && slices.ContainsFunc(s.out, func(f found) bool { return f.Kind == Postal && f.To == at })
}

// quarter reports whether a row of kanji alone is a part of a town: its number
// has a 丁目 and more behind it (北条二丁目七の一), or a building stands behind it
// (中央2-0-7 コーポ菊305).
func (s *search) quarter(region string, t tail) bool {
	if runes(region) < 2 || runAfter(region, 0, kanji) != len(region) {
		return false
	}
	if t.block && !t.chome {
		return true
	}
	from := t.end + spaces(s.text[t.end:], " ")
	_, house := buildingName(s.text, from)
	return from > t.end && house
}

// landmark reports whether what follows 一丁目 says that a corner of a town is
// meant, not where somebody lives.
func landmark(text string) bool {
	for _, w := range [...]string{"付近", "あたり", "辺り", "周辺", "の交差", "の角", "駅", "の信号", "方面", "の商店", "商店", "しょうてん", "の店", "の公園", "の駐車", "バス", "交差", "近く", "の近く", "エリア", "界隈"} {
		if strings.HasPrefix(text, w) {
			return true
		}
	}
	return false
}

// town reports whether what stands before a single number names a part of a
// town: 花井町13, 大字尻内町字八百刈20.
func town(region string) bool {
	r, _ := runeBefore(region, len(region))
	return strings.ContainsRune("町村丁字乙甲丙", r) || strings.Contains(region, "字") || strings.Contains(region, "通")
}

// office reports whether what stands before a number is no part of a town.
func office(region string) bool {
	r, _ := runeBefore(region, len(region))
	return strings.ContainsRune("社店局課部所館院校駅便室階棟署団線", r)
}

// known reports whether a region without 市, 区, 町 is a place nevertheless:
// behind a cue such as お届け先, or 若葉台, 緑ヶ丘.
func (s *search) known(from int, region string) bool {
	if s.cuedBefore(from, cueLive) || s.cuedBefore(from, cuePostal) {
		return true
	}
	r, _ := runeBefore(region, len(region))
	return runes(region) >= 3 && strings.ContainsRune("台丘原野", r) && !strings.ContainsAny(region, "番線駅")
}

// counted reports whether a counter follows a number that ends at end.
func (s *search) counted(end int) bool {
	r, _ := runeAt(s.text, end)
	return strings.ContainsRune("人円個店回年月日時分秒番階台名社件つ%kmgcl歳才代枚本杯袋箱泊割倍度点位周カヶヵか箇週万千百億号~〜:/.,ヵ曲冊着足組軒", r) && r != 0
}

// headed returns the length of the words in [from, end) that stand before an
// address and are not part of it: お届け先, or hiragana before a known place.
func (s *search) headed(from, end int) int {
	at := from
	for _, h := range s.near(from-s.cues.longest, end) {
		if (h.role == cueLive || h.role == cuePostal) && h.to > at && h.to < end {
			at = h.to
		}
	}
	if scriptAt(s.text, at) != hiragana {
		return at - from
	}
	for p := at; p < end; {
		if words, n := s.words.Prefixes(s.text[p:end]); n > 0 && words[n-1].Len >= 2*len("市") && words[n-1].Uses&placeUse != 0 {
			return p - from
		}
		_, n := runeAt(s.text, p)
		if scriptAt(s.text, p) == kanji {
			return p - from
		}
		p += n
	}
	return at - from
}

// placeStart walks back from the numbers at end to where the place name may
// begin.
func (s *search) placeStart(end int) int {
	text := s.text
	at := end
	if strings.HasSuffix(text[:at], " ") {
		at--
	} else if before, ok := strings.CutSuffix(text[:at], "の"); ok && scriptBefore(before, len(before)) == kanji {
		at -= len("の") // 宇田川町の1の2
	}
	start := at
	for n := 0; at > 0 && n < maxPlace; n++ {
		r, w := utf8.DecodeLastRuneInString(text[:at])
		if r == ' ' && strings.ContainsRune("市区郡県都府道", lastRune(text[:at-w])) {
			at -= w
			continue
		}
		if !placeRune(r) || particleBoundary(text, at) && !townWithNo(text, at, end) {
			break
		}
		at -= w
	}
	if at == start {
		return end
	}
	return at
}

func lastRune(s string) rune {
	r, _ := runeBefore(s, len(s))
	return r
}

// townWithNo reports whether の at the end of text[:at] is inside the name of a
// town: 三鷹市井の頭, 浦安市日の出. A city stands before it and a short rest
// behind it.
func townWithNo(text string, at, end int) bool {
	before, is := strings.CutSuffix(text[:at], "の")
	if !is || end-at > 4*len("頭") || strings.ContainsAny(text[at:end], "市区郡") {
		return false
	}
	for n := range 4 {
		r, w := runeBefore(before, len(before))
		if strings.ContainsRune("市区町村", r) && n > 0 {
			return true
		}
		if !placeRune(r) || w == 0 {
			return false
		}
		before = before[:len(before)-w]
	}
	return false
}

// inPlaces stand in names of places behind が and の: 緑が丘, もみの木台.
const inPlaces = "丘原谷浜枝岡崎沢森台木里宮内山郷上下手町瀬島関池越平峰窪塚松橋前"

// particleBoundary reports whether what ends at at is hiragana that joins words
// and is not part of a place name such as つくば, さいたま or 緑が丘.
func particleBoundary(text string, at int) bool {
	before := text[:at]
	if strings.HasSuffix(before, "から") || strings.HasSuffix(before, "より") || strings.HasSuffix(before, "まで") || strings.HasSuffix(before, "です") {
		return true
	}
	r, n := utf8.DecodeLastRuneInString(before)
	if !strings.ContainsRune("はがをにへとでもやの", r) {
		return false
	}
	p, _ := runeBefore(text, at-n)
	next, _ := runeAt(text, at)
	if strings.ContainsRune("市区町村", p) && scriptOfRune(next) == hiragana && !strings.ContainsRune("はもの", next) {
		return false // 青葉区もみの木台
	}
	if r == 'が' || r == 'の' {
		if strings.ContainsRune(inPlaces, next) && !cityAhead(text[at:]) {
			return false
		}
	}
	return scriptOfRune(p) != hiragana
}

// cityAhead reports whether a city or ward is named in the next runes: what
// stands before it is no part of the address.
func cityAhead(text string) bool {
	n := 0
	for _, r := range text {
		if strings.ContainsRune("市区郡県", r) {
			return true
		}
		if n++; n > 5 || !placeRune(r) {
			return false
		}
	}
	return false
}

// prefectures but those that end in 県.
var prefectures = [...]string{"北海道", "東京都", "大阪府", "京都府", "神奈川県", "和歌山県", "鹿児島県"}
