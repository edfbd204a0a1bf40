package mask

import (
	"strings"

	"github.com/koe-voc/koe/pipeline/morph"
)

// maxName bounds a name in runes: the longest that the telephone books of
// Japan hold have seven, foreign ones with a middle point more.
const maxName = 16

// maxLatinName is maxName of Latin letters: SHINOZUKA SEIICHIROU has twenty.
const maxLatinName = 40

// persons finds names: before a title, beside a cue, a family name that a given
// name follows, and a family name before what staff do. It tokenises nothing:
// a name is a row of one script that the lists can take apart.
func (s *search) persons() {
	for i := range s.hits {
		h := s.hits[i]
		switch h.role {
		case cueTitle:
			s.titled(h)
		case cueStaff:
			s.staffed(h)
		case cueNameIs:
			s.introduced(h)
		case cueForm:
			s.labelled(h.to)
			s.behind(h.to, true)
		case cueName:
			if !s.single(h.to) {
				s.behind(h.to, false)
			}
		case cueHead:
			if s.full(h.to, false) == 0 {
				s.acting(h.to, runAfter(s.text, h.to, kanji))
			}
		case cueGreet:
			s.greeted(h.to)
		case cueSign:
			s.signed(h.to)
		default:
		}
	}
	s.numbered()
	s.bare()
}

// take adds a name unless its length is none of a name's or it is known as no
// name.
func (s *search) take(from, to int) bool {
	longest := maxName
	if scriptAt(s.text, from) == latin {
		longest = maxLatinName
	}
	if n := runes(s.text[from:to]); n < 1 || n > longest || s.within(from, to, cueNobody) {
		return false
	}
	s.add(from, to, Person)
	return true
}

// full takes a family name at a with the given name behind it, and returns
// where it ends, 0 if there is none. cued: something says that a name stands
// there.
func (s *search) full(a int, cued bool) int {
	end := s.fullName(a, cued)
	if end == 0 || s.within(a, end, cueNobody) || s.begins(a, cueKnown) > 0 || !cued && s.begins(end, cueWork) > 0 {
		return 0
	}
	s.add(a, end, Person)
	return end
}

// fullName returns the end of the full name at a, 0 if there is none. Its
// family name is in kanji, its given name in kanji or kana, or both in kana
// with a space between.
func (s *search) fullName(a int, cued bool) int {
	switch scriptAt(s.text, a) {
	case kanji:
		runEnd := runAfter(s.text, a, kanji)
		names, n := s.surnames(s.text[a:runEnd])
		for _, f := range names[:n] {
			if end := s.givenAfter(surname{a + f.len, f.trust}, a, runEnd, cued); end > 0 {
				return end
			}
		}
	case katakana, hiragana:
		return s.kanaName(a)
	default:
	}
	return 0
}

// givenAfter returns the end of the given name that follows the family name
// f, which ends at byte f.len of the text, in a row of kanji from a to runEnd;
// 0 if none does.
func (s *search) givenAfter(f surname, a, runEnd int, cued bool) int {
	q, t := f.len, f.trust
	if q < runEnd {
		return s.givenKanji(a, q, runEnd, t, false, cued)
	}
	r, n := runeAt(s.text, q)
	switch sc := scriptOfRune(r); {
	case r == ' ':
		g := q + n
		switch scriptAt(s.text, g) {
		case kanji:
			return s.givenKanji(a, g, runAfter(s.text, g, kanji), t, true, cued)
		case hiragana, katakana:
			return s.givenKana(g, t, true)
		default:
		}
	case sc == hiragana || sc == katakana:
		if t > weakName && s.begins(q, cueTitle) == 0 && !s.inflected(q) {
			return s.givenKana(q, t, false)
		}
	}
	return 0
}

// givenKanji returns the end of the given name that begins at g and is all of a
// row of kanji that ends at runEnd, or all before a title or a tail; 0 if it
// is none. a is where the family name begins.
func (s *search) givenKanji(a, g, runEnd int, t trust, spaced, cued bool) int {
	if scriptAt(s.text, g) != kanji {
		return 0 // ヶ
	}
	e, n := g, 0
	for ; n < 4; n++ {
		if e > g && (e == runEnd || s.begins(e, cueTail) > 0 || s.begins(e, cueTitle) > 0) {
			if s.given(a, g, e, n, t, spaced, cued) {
				return e
			}
		}
		_, w := runeAt(s.text, e)
		if e += w; e > runEnd || w == 0 {
			break
		}
	}
	return 0
}

// given reports whether [g, e), of n kanji, is the given name of the family
// name that begins at a.
func (s *search) given(a, g, e, n int, t trust, spaced, cued bool) bool {
	name := s.text[g:e]
	u := s.words.Uses(name)
	known := u&morph.GivenName != 0
	if n > 3 || n > 1 && !known && unlike(name) || !spaced && s.inflected(e) {
		return false
	}
	if !spaced && s.words.Uses(s.text[a:e])&(other|morph.PersonName) != 0 {
		return false // the two are a word: 関心, 福井県
	}
	switch {
	case n == 1:
		return (spaced || cued || t == sureName || t == rareName && u&morph.CommonWord == 0) && (known || t == sureName) && s.allGiven(name) && !strings.Contains(suffixes, name)
	case known && (u&other == 0 || cued && t > weakName && u&morph.OtherWord == 0):
		return t != shortName || spaced || s.strong(name)
	case known && (spaced || t == rareName || t == bothName) && t > weakName && u&morph.OtherWord == 0 && s.strong(name):
		return true
	case known:
		return t == sureName && s.allGiven(name)
	case u&^morph.FamilyName != 0:
		return false
	case t == sureName && spaced:
		return !s.wordy(name)
	case t == sureName, t == rareName, t == bothName:
		return s.allGiven(name) && !s.wordy(name)
	}
	return (spaced || cued && t > weakName) && s.strong(name) && !s.wordy(name)
}

// suffixes are kanji that make another word of a family name: 山田店, 佐藤家.
const suffixes = "根都府当今先毎各全両同本草花木海湖店様君氏殿家宅達方側邸線駅町市県区村郡島山川橋寺城湖港祭園館院校社屋堂亭庵荘湯流派教宗展杯賞式風製産著作曲画発着行前後上下中内外東西南北口間沿分名人者員系型号番組班係課部長会党軍隊団戦版本等他共兄弟姉妹父母妻夫宛似色的性化用台機車品物料代費金円件道弁茶米酒焼鍋丼飯麺寿司殿坂谷沢浜崎岬岳峰峠森林原野池沼滝"

// unlike reports whether a word ends in a character that ends no given name
// but a known one.
func unlike(name string) bool {
	r, _ := runeBefore(name, len(name))
	return strings.ContainsRune("社店局課部所館院校市県区町駅寺号便室階棟署団隊塾線港橋焼酒茶展弁行産製式係員者長費料金券品物器機薬型的化城湖浦草達", r)
}

// inflected reports whether the kanji that ends at e and the hiragana behind it
// are a word: 初めて in 嶺南初めて.
func (s *search) inflected(e int) bool {
	if scriptAt(s.text, e) != hiragana {
		return false
	}
	_, w := runeBefore(s.text, e)
	words, n := s.words.Prefixes(s.text[e-w:])
	if n > 0 && words[n-1].Len == w+len("が") && particle(s.text[e:]) {
		return false // 奥田聖雪が: also a form of 雪ぐ
	}
	return n > 0 && words[n-1].Len > w && words[n-1].Uses&(morph.OtherWord|morph.CommonWord) != 0
}

// wordy reports whether an unknown row of three kanji ends or begins in a known
// word of two: 新商品.
func (s *search) wordy(name string) bool {
	if runes(name) < 3 {
		return false
	}
	_, first := runeAt(name, 0)
	_, last := runeBefore(name, len(name))
	for _, part := range [...]string{name[first:], name[:len(name)-last]} {
		if u := s.words.Uses(part); u&other != 0 && u&morph.GivenName == 0 {
			return true
		}
	}
	return false
}
