package mask

import (
	"strings"
	"unicode/utf8"

	"github.com/koe-voc/koe/pipeline/morph"
)

// title is a title on its way to the name before it.
type title struct {
	at     int  // where it begins
	end    int  // where it ends
	formal bool // 様, 氏, 殿: whoever it stands behind is a person
	casual bool // さん, ちゃん, くん: stands behind shops and animals too
	child  bool // ちゃん, くん: stands behind given names
}

// titled takes the name before a title.
func (s *search) titled(h hit) {
	word := s.text[h.from:h.to]
	if s.nobody(h) || s.compound(h) {
		return
	}
	t := title{at: h.from, end: h.to}
	switch word {
	case "様", "さま", "氏", "殿":
		t.formal = true
	case "さん", "ちゃん", "くん", "君", "サン":
		t.casual, t.child = true, word == "ちゃん" || word == "くん"
		if s.shop(h.to) {
			return
		}
	}
	end := h.from
	if r, n := runeBefore(s.text, end); r == ' ' {
		end -= n
	}
	switch scriptBefore(s.text, end) {
	case kanji:
		s.titledKanji(t, end)
	case hiragana:
		s.titledHiragana(t, end)
	case katakana:
		s.titledKatakana(t, end)
	case latin:
		if from := runBefore(s.text, end, latin); end-from > 1 && !strings.HasSuffix(s.text[:from], "@") {
			s.take(from, end)
		}
	default:
		s.bracketed(t, end)
	}
}

// nobody reports whether a title belongs to a word such as お客様, 業者さん.
func (s *search) nobody(h hit) bool {
	for _, n := range s.near(h.to-s.cues.longest, h.to) {
		if n.role == cueNobody && n.from < h.to && n.to > h.from && !s.insideName(n.from, h.from) {
			return true
		}
	}
	return false
}

// insideName reports whether what begins at at is rather the end of a family
// name that ends at end: 名様 in 椎名様, かみ様 in むらかみ様.
func (s *search) insideName(at, end int) bool {
	sc := scriptAt(s.text, at)
	if at >= end || sc != kanji && sc != hiragana || scriptBefore(s.text, at) != sc {
		return false
	}
	row := runBefore(s.text, end, sc)
	if sc == kanji {
		return row < at && s.familyOf(s.text[row:end]) != noFamily
	}
	for row < at {
		if s.reading(s.text[row:end])&familyReading != 0 {
			return true
		}
		_, n := runeAt(s.text, row)
		row += n
	}
	return false
}

// compound reports whether a title is the head of another word: 氏名, 氏遺跡,
// 先生方, 君島.
func (s *search) compound(h hit) bool {
	switch s.text[h.from:h.to] {
	case "氏", "君", "殿":
		return scriptAt(s.text, h.to) == kanji
	case "さん", "くん":
		rest := s.text[h.to:]
		r, _ := runeAt(rest, 0)
		return strings.ContainsRune("ざすまぶ", r) && !strings.HasPrefix(rest, "まで")
	case "サマ", "サン":
		return scriptAt(s.text, h.to) == katakana || s.text[h.from:h.to] == "サン" && scriptBefore(s.text, h.from) != katakana
	case "さま":
		r, _ := runeAt(s.text, h.to)
		return scriptOfRune(r) == hiragana && !strings.ContainsRune("のはがにをとへもでや", r)
	}
	return false
}

// shop reports whether さん names a place: 井の上さんで買った, 越前屋さんの向かい.
func (s *search) shop(end int) bool {
	rest, is := strings.CutPrefix(s.text[end:], "さんで")
	if !is {
		rest, is = strings.CutPrefix(s.text[end:], "で")
	}
	if !is {
		return false
	}
	r, _ := runeAt(rest, 0)
	return scriptOfRune(r) == kanji || strings.ContainsRune("のはも、", r)
}

// bracketed takes 田井(たい)様: the reading in brackets and the name before.
func (s *search) bracketed(t title, end int) {
	inner, closed := strings.CutSuffix(s.text[:end], ")")
	open := strings.LastIndexByte(inner[max(0, len(inner)-8*len("あ")):], '(')
	if !closed || open < 0 {
		return
	}
	open += max(0, len(inner)-8*len("あ"))
	sc := scriptAt(s.text, open+1)
	if sc != hiragana && sc != katakana || runAfter(s.text, open+1, sc) != len(inner) {
		return
	}
	before := len(s.out)
	if scriptBefore(s.text, open) == kanji {
		s.titledKanji(t, open)
	}
	if len(s.out) > before {
		s.take(open+1, len(inner))
	}
}

// titledKanji takes the name in the row of kanji that ends at end.
func (s *search) titledKanji(t title, end int) {
	row := runBefore(s.text, end, kanji)
	from := s.afterHead(row, end)
	if from >= end {
		return
	}
	if r, _ := runeBefore(s.text, from); from == row && (r == 'お' || r == 'ご') {
		return
	}
	name := s.text[from:end]
	n := runes(name)
	if a := s.familyBefore(from); a < from && n <= 3 && (from != row || !firm(name)) {
		s.take(a, end)
		return
	}
	u := s.words.Uses(name)
	switch f := s.family(name, u); {
	case f > shortName && !s.business(name, u, t), f == shortName && s.text[t.at:t.end] != "殿":
		s.take(from, end)
	case f == noFamily && u&morph.GivenName != 0 && u&other == 0 && n > 1, u&morph.GivenName != 0 && n > 1 && t.casual && u&(morph.PlaceName|morph.ProperName) == 0 && s.allGiven(name):
		s.take(from, end)
	default:
		s.parted(t, from, end)
	}
}

// afterHead returns where in the row [row, end) of kanji the name may begin:
// behind the last cue in it (担当鈴木, 昨日佐野).
func (s *search) afterHead(row, end int) int {
	from := row
	for _, h := range s.near(row-s.cues.longest, end) {
		switch h.role {
		case cueName, cueForm, cueHead:
			if h.to > from && h.to < end && s.familyOf(s.text[from:end]) == noFamily {
				from = h.to
			}
		default:
		}
	}
	return from
}

// business reports whether a family name is that of a shop here: 伊勢屋さん.
func (s *search) business(name string, u morph.Uses, t title) bool {
	if _, listed := s.families[name]; listed || !t.casual {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(name)
	return strings.ContainsRune("屋堂亭庵寺荘", r) || u&morph.ProperName != 0 && firm(name) || len(name) <= len("牛")
}

// familyBefore returns where a family name begins that ends, with a space,
// before at; at if there is none.
func (s *search) familyBefore(at int) int {
	r, n := runeBefore(s.text, at)
	if r != ' ' {
		return at
	}
	end := at - n
	if scriptBefore(s.text, end) != kanji {
		return at
	}
	row := runBefore(s.text, end, kanji)
	from := s.afterHead(row, end)
	if f := s.familyOf(s.text[from:end]); f == noFamily {
		return at
	}
	return from
}

// parted takes a full name, or a family name behind another word, or an unknown
// word that 様 makes a name.
func (s *search) parted(t title, from, end int) {
	names, n := s.surnames(s.text[from:end])
	for _, f := range names[:n] {
		given := s.text[from+f.len : end]
		k := runes(given)
		if given == "" || k > 3 || k == 0 {
			continue
		}
		u := s.words.Uses(given)
		if (u&other == 0 || u&morph.GivenName != 0 || t.formal && f.trust == sureName && k == 2 && s.allGiven(given)) && !firm(given) && (f.trust > shortName || k > 1) && !s.wordy(given) &&
			s.words.Uses(s.text[from:end])&(morph.PlaceName|morph.ProperName|morph.CommonWord) == 0 {
			s.take(from, end)
			return
		}
	}
	name := s.text[from:end]
	u := s.words.Uses(name)
	if u == 0 {
		for at := from; at < end; {
			_, w := runeAt(s.text, at)
			at += w
			if rest := s.text[at:end]; len(rest) > len("林") && s.familyOf(rest) > weakName && runes(s.text[from:at]) > 1 && s.words.Uses(s.text[from:at]) != 0 {
				s.take(at, end)
				return
			}
		}
	}
	k := runes(name)
	switch {
	case firm(name) || k > 4 || k == 1 && !t.formal:
	case t.child && k <= 3 && u&other == 0 && s.allGiven(name), t.casual && k == 2 && u == 0 && s.strong(name):
		s.take(from, end)
	case t.formal && k <= 3 && u&(morph.CommonWord|morph.OtherWord) == 0 && !role(name):
		s.take(from, end)
	case u == 0 && k <= 3 && k > 1 && !role(name) && !s.wordy(name) && !t.casual:
		s.take(from, end)
	}
}

// role reports whether a word ends like one for what somebody is: 業者, 取引先.
func role(word string) bool {
	r, _ := utf8.DecodeLastRuneInString(word)
	return strings.ContainsRune("者員先方客主族婦供達共式名長士師係手人家業", r)
}

// titledHiragana takes the reading of a name that ends at end.
func (s *search) titledHiragana(t title, end int) {
	row := runBefore(s.text, end, hiragana)
	if s.words.Uses(s.text[row:t.end]) != 0 || s.words.Uses(s.text[row:end])&(morph.CommonWord|morph.OtherWord) != 0 && !t.formal && !t.child {
		return
	}
	for at := row; at < end; {
		name := s.text[at:end]
		prev, _ := runeBefore(s.text, at)
		if runes(name) >= 2 && runes(name) <= 7 && (at == row || strings.ContainsRune("のはがにともをへやで", prev)) {
			k := s.reading(name)
			if k == 0 && s.splitKana(name) {
				k = listedReading
			}
			alone := at == row && scriptOfRune(prev) == otherScript && runes(name) <= 5
			if k == 0 && alone && (t.formal || t.child && s.words.Uses(name) == 0 && !strings.HasPrefix(name, "お")) {
				k = givenReading
			}
			if a := s.familyKanji(at); k&givenReading != 0 && a < at {
				s.take(a, end)
				return
			}
			if k != 0 && (t.formal || at == row && prev != 'お' && (scriptOfRune(prev) != kanji || runes(name) > 2) || k&(listedReading|givenReading) != 0) && (s.words.Uses(name)&(morph.CommonWord|morph.OtherWord) == 0 || k&listedReading != 0 && (alone || prev == 'の') || alone && t.formal || k&givenReading != 0 && (s.words.Uses(name)&morph.OtherWord == 0 || t.child)) {
				s.take(s.readingBefore(at), end)
				return
			}
		}
		_, n := runeAt(s.text, at)
		at += n
	}
}

// familyKanji returns where a family name in kanji begins that ends at at, or
// with a space before it; at if there is none.
func (s *search) familyKanji(at int) int {
	end := at
	if r, n := runeBefore(s.text, end); r == ' ' {
		end -= n
	}
	if scriptBefore(s.text, end) != kanji {
		return at
	}
	from := s.afterHead(runBefore(s.text, end, kanji), end)
	if s.familyOf(s.text[from:end]) == noFamily {
		return at
	}
	return from
}

// readingBefore returns where the reading of a family name begins that ends,
// with a space, before at; at if there is none.
func (s *search) readingBefore(at int) int {
	r, n := runeBefore(s.text, at)
	if r != ' ' {
		return at
	}
	end := at - n
	sc := scriptBefore(s.text, end)
	if sc != hiragana && sc != katakana {
		return at
	}
	from := end
	for from > 0 && scriptBefore(s.text, from) == sc {
		_, w := runeBefore(s.text, from)
		from -= w
	}
	if s.reading(s.text[from:end])&familyReading == 0 {
		return at
	}
	return from
}

// titledKatakana takes the name in katakana that ends at end: one that is read
// like a name, one of several words, and before 様 any unknown word.
func (s *search) titledKatakana(t title, end int) {
	from := runBefore(s.text, end, katakana)
	name := s.text[from:end]
	if a := s.familyKanji(from); a < from && (s.reading(name)&givenReading != 0 || runes(name) <= 5 && s.words.Uses(name) == 0 && plainKana(name)) {
		s.take(a, end)
		return
	}
	if strings.HasPrefix(s.text[t.at:], "サ") && s.reading(name)&familyReading == 0 && !s.namesPair(name) {
		return // サマ and サン are ends of other words
	}
	if strings.ContainsAny(name, "・= ") {
		if !strings.Contains(name, " ") || s.namesInKatakana(name) {
			s.take(from, end)
			return
		}
		at := strings.LastIndexByte(name, ' ') + 1
		from, name = from+at, name[at:]
	}
	u := s.words.Uses(name)
	switch {
	case s.foreign[name], t.formal && s.reading(name)&listedReading != 0, s.reading(name) != 0 && u&(morph.CommonWord|morph.OtherWord|morph.ProperName) == 0 && (t.formal || runes(name) > 1),
		s.splitKana(name):
		s.take(from, end)
	case t.formal && u&other == 0 && runes(name) >= 2 && !s.endsInWord(name):
		s.take(from, end)
	case u&(morph.FamilyName|morph.GivenName|morph.PersonName) != 0 && u&morph.CommonWord == 0:
		s.take(from, end)
	}
}

// plainKana reports whether a row of katakana has no sign that loan words have
// and names have not.
func plainKana(name string) bool { return !strings.ContainsAny(name, "ーァィゥェォヴ") }

// namesPair reports whether a row in katakana is a family and a given name with
// a space between.
func (s *search) namesPair(name string) bool {
	family, given, parted := strings.Cut(name, " ")
	return parted && s.reading(family)&familyReading != 0 && given != ""
}

// namesInKatakana reports whether each word of a name may be one.
func (s *search) namesInKatakana(name string) bool {
	for w := range strings.FieldsSeq(name) {
		if s.reading(w) == 0 && !s.foreign[w] && s.words.Uses(w)&other != 0 {
			return false
		}
	}
	return true
}

// endsInWord reports whether a row of katakana ends in a common word of three
// kana or more: カスタマーサポート.
func (s *search) endsInWord(name string) bool {
	at := 0
	for i := range name {
		if at++; at > 1 && len(name)-i >= 3*len("ア") && s.words.Uses(name[i:])&morph.CommonWord != 0 {
			return true
		}
	}
	return false
}

// splitKana reports whether a row of kana is a family name and a given name
// without a sign between.
func (s *search) splitKana(name string) bool {
	loose := runes(name) >= 5 && s.words.Uses(name) == 0
	for i := range name {
		if i < 2*len("ア") || len(name)-i < 2*len("ア") {
			continue
		}
		k := s.reading(name[:i])
		if k&listedReading == 0 && (s.words.Uses(name[:i])|s.words.Uses(name[i:]))&(morph.CommonWord|morph.OtherWord) != 0 {
			continue
		}
		if s.reading(name[i:])&givenReading != 0 && (k&listedReading != 0 || loose && k != 0 && i >= 3*len("ア")) {
			return true
		}
	}
	return false
}
