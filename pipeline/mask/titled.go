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
	if r, _ := runeBefore(s.text, from); from == row && (r == 'お' || r == 'ご') && !strings.HasSuffix(s.text[:from], "なお") {
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
	case t.formal && k == 2 && u&morph.OtherWord == 0 && !role(name) && s.begun(from) && u&morph.GivenName != 0:
		s.take(from, end) // 早苗様: also a word
	case t.formal && k <= 3 && u&(morph.CommonWord|morph.OtherWord) == 0 && !role(name):
		s.take(from, end)
	case u == 0 && k <= 3 && k > 1 && !role(name) && !s.wordy(name) && !t.casual:
		s.take(from, end)
	}
}

// begun reports whether a sentence or a field begins at from.
func (s *search) begun(from int) bool {
	r, _ := runeBefore(s.text, from)
	return r == 0 || strings.ContainsRune("。、\n /(】:", r)
}

// role reports whether a word ends like one for what somebody is: 業者, 取引先.
func role(word string) bool {
	r, _ := utf8.DecodeLastRuneInString(word)
	return strings.ContainsRune("者員先方客主族婦供達共式名長士師係手人家業", r)
}
