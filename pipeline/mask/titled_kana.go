package mask

import (
	"strings"

	"github.com/koe-voc/koe/pipeline/morph"
)

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
			alone := at == row && (scriptOfRune(prev) == otherScript || prev == 'ー') && runes(name) <= 5
			if k == 0 && alone && (t.formal || t.child && s.words.Uses(name) == 0 && !strings.HasPrefix(name, "お")) {
				k = givenReading
			}
			if a := s.familyKanji(at); k&givenReading != 0 && a < at {
				s.take(a, end)
				return
			}
			if prev == 'の' && k&familyReading != 0 && runes(name) > 2 && s.words.Uses(name) == 0 {
				s.take(at, end) // いつものやなぎさん
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
