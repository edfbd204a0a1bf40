package mask

import (
	"strings"
	"unicode/utf8"

	"github.com/koe-voc/koe/pipeline/morph"
)

// bare takes names that nothing points at: a full name wherever a row of kanji
// or kana begins, a family name before what staff do, and two Latin words that
// are read as a family and a given name.
func (s *search) bare() {
	end := 0
	for k, row := range s.rows {
		i := row.at
		if i < end {
			continue
		}
		before := otherScript
		if k > 0 && i > 0 {
			before = scriptBefore(s.text, i)
		}
		switch row.script {
		case kanji:
			end = s.bareKanji(i)
		case katakana:
			if to := s.kanaName(i); to > 0 && s.isFree(i, to) {
				s.take(i, to)
			} else if to := runAfter(s.text, i, katakana); !s.saidAbroad(i, to) && i == 0 {
				s.opening(to)
			}
		case hiragana:
			s.bareHiragana(i, before)
		case latin:
			end = s.latinName(i)
		default:
		}
	}
}

// opening takes the family name in katakana with which a note begins: マナベ、退会希望。
func (s *search) opening(to int) {
	name := s.text[:to]
	r, _ := runeAt(s.text, to)
	if (r == '、' || r == '。' || r == '/' || r == ':' || saysName(s.text[to:]) || strings.HasPrefix(s.text[to:], "です ")) && s.reading(name)&listedReading != 0 && s.words.Uses(name) == 0 && s.begins(0, cueBrand) == 0 {
		s.take(0, to)
	}
}

// bareKanji takes the name with which the row of kanji at i begins, and returns
// where to go on. Most rows are too short for one.
func (s *search) bareKanji(i int) int {
	end := runAfter(s.text, i, kanji)
	prev, _ := runeBefore(s.text, i)
	next, _ := runeAt(s.text, end)
	if prev >= '0' && prev <= '9' {
		return end
	}
	if end-i <= len("林") && next != ' ' {
		if next == 'で' {
			s.said(i, end)
		}
		return end
	}
	if to := s.full(i, false); to > 0 {
		return to
	}
	if next == 'で' && (prev == 0 || prev == '。' || prev == '\n' || prev == '「') && saysName(s.text[end:]) {
		if f := s.familyOf(s.text[i:end]); f == sureName || f == rareName {
			s.take(i, end) // 椎名です。
			return end
		}
	}
	if s.said(i, end) {
		return end
	}
	if home := homeAt(s.text[i:end]); home > 0 && s.familyOf(s.text[i:i+home]) >= rareName {
		s.take(i, i+home) // 市村宅
		return end
	}
	if next == 0 && (prev == '。' || prev == '\n') {
		f := s.familyOf(s.text[i:end])
		if f == sureName || prev == '\n' && (f == rareName || f == weakName || f == bothName) {
			s.take(i, end) // a signature
			return end
		}
	}
	s.acting(i, end)
	return end
}

// saysName reports whether です behind a name is all that is said.
func saysName(text string) bool {
	for _, p := range [...]string{"です。", "です、", "ですが", "ですけ"} {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return text == "です"
}

// homeAt returns where 宅 or 邸 begins at the end of a row of kanji, 0 if it
// does not end so.
func homeAt(row string) int {
	for _, h := range [...]string{"宅", "邸", "様宅"} {
		if before, ok := strings.CutSuffix(row, h); ok {
			return len(before)
		}
	}
	return 0
}

// acting takes the family name at i if what staff or customers do follows:
// 高梨は不在, 堤下へ転送.
func (s *search) acting(i, runEnd int) {
	r, n := runeAt(s.text, runEnd)
	acts := s.begins(runEnd, cueAct) > 0
	if !acts && r != 'と' && r != '、' && r != '・' && r != '/' {
		return
	}
	if f := s.familyOf(s.text[i:runEnd]); f != sureName && f != rareName || s.begins(i, cueKnown) > 0 {
		return
	}
	if acts {
		s.take(i, runEnd)
		return
	}
	// 熊谷と大槻が訪問: the second says what the first is.
	second := runAfter(s.text, runEnd+n, kanji)
	if s.begins(second, cueAct) > 0 && s.familyOf(s.text[runEnd+n:second]) >= rareName {
		s.take(i, runEnd)
	}
}

// givenKana returns the end of the given name in kana at g, behind a family
// name; 0 if there is none.
func (s *search) givenKana(g int, t trust, spaced bool) int {
	sc := scriptAt(s.text, g)
	to := g
	for to < len(s.text) && scriptAt(s.text, to) == sc {
		_, n := runeAt(s.text, to)
		to += n
	}
	if sc == katakana {
		name := s.text[g:to]
		if n := runes(name); n >= 2 && n <= 5 && plainKana(name) && s.reading(name)&givenReading != 0 && s.words.Uses(name)&(morph.CommonWord|morph.OtherWord|morph.ProperName) == 0 {
			return to
		}
		return 0
	}
	least := 2
	if t != sureName && !spaced {
		least = 3
	}
	end := s.readAhead(g, to, givenReading, least)
	if end == 0 || !spaced && (function(s.text[g:end]) || s.particled(g, end)) {
		return 0
	}
	return end
}

// particled reports whether the kana [g, end) behind a family name are rather a
// particle and the beginning of a word: 東京にいる.
func (s *search) particled(g, end int) bool {
	r, n := runeAt(s.text, g)
	switch {
	case strings.ContainsRune("がをへでっん", r):
		return true
	case strings.ContainsRune("はにとも", r):
		words, k := s.words.Prefixes(s.text[g+n:])
		return k > 0 && words[k-1].Len >= end-g-n && words[k-1].Len > len("あ")
	}
	return false
}

// function reports whether two kana that are read like a given name are a
// particle behind a family name: 山田さえ, 森田まで.
func function(word string) bool {
	switch word {
	case "さえ", "まで", "から", "より", "だけ", "のみ", "など", "しか", "ほど", "とも", "なら", "かな", "こそ", "なの", "のが", "との", "への", "でも", "らの", "たち", "ごと", "ゆえ", "よし", "かつ", "なり", "とき", "あと":
		return true
	}
	return false
}

// kanaName returns the end of a full name in kana at i: two rows with a space
// between, or one of katakana that falls into a family and a given name; 0 if
// there is none.
func (s *search) kanaName(i int) int {
	sc := scriptAt(s.text, i)
	to := i
	for to < len(s.text) && scriptAt(s.text, to) == sc {
		_, n := runeAt(s.text, to)
		to += n
	}
	first := s.text[i:to]
	if len(first) > 7*len("ア")*2 {
		return 0
	}
	r, n := runeAt(s.text, to)
	switch {
	case r == '・' && sc == katakana && s.foreign[first]:
		return s.foreignName(i)
	case r == ' ' && scriptAt(s.text, to+n) == sc:
		return s.kanaPair(first, to+n, sc, s.begins(i, cueBrand) == to)
	case sc == katakana && runes(first) >= 5 && runes(first) <= 9 && s.words.Uses(first) == 0 && plainKana(first) && s.splitKana(first) && !s.endsInWord(first):
		return to
	}
	return 0
}

// foreignName returns the end of a name such as マイケル・ブラウン.
func (s *search) foreignName(i int) int {
	to := i
	for to < len(s.text) && (scriptAt(s.text, to) == katakana || strings.HasPrefix(s.text[to:], "・")) {
		_, n := runeAt(s.text, to)
		to += n
	}
	last := s.text[i:to]
	last = last[strings.LastIndex(last, "・")+len("・"):]
	if runes(last) < 2 || s.words.Uses(last)&morph.CommonWord != 0 && !s.foreign[last] {
		return 0
	}
	return to
}

// kanaPair returns the end of the given name at g behind the family name
// first, both in kana; 0 if they are none. brand: first is also a firm, so that
// マツダ デミオ is none.
func (s *search) kanaPair(first string, g int, sc script, brand bool) int {
	k := s.reading(first)
	if k&familyReading == 0 || runes(first) < 2 || s.words.Uses(first)&(morph.CommonWord|morph.OtherWord) != 0 && k&listedReading == 0 {
		return 0
	}
	to := g
	for to < len(s.text) && scriptAt(s.text, to) == sc {
		_, n := runeAt(s.text, to)
		to += n
	}
	if sc == hiragana {
		if s.words.Uses(first)&(morph.CommonWord|morph.OtherWord) != 0 {
			return 0
		}
		return s.readAhead(g, to, givenReading, 2)
	}
	name := s.text[g:to]
	u := s.words.Uses(name)
	n := runes(name)
	switch {
	case n < 2 || n > 6:
	case s.reading(name)&givenReading != 0 && (u&(morph.CommonWord|morph.ProperName) == 0 || k&listedReading != 0):
		return to
	case k&listedReading != 0 && u == 0 && !brand && n <= 5 && plainKana(name):
		return to
	}
	return 0
}

// bareHiragana takes a name in hiragana that begins a sentence or follows a
// sign: いしばし ともこです.
func (s *search) bareHiragana(i int, before script) {
	to := runAfter(s.text, i, hiragana)
	if r, _ := runeAt(s.text, to); r == ' ' && s.pairBehind(i, to) {
		return
	}
	if before == kanji && s.afterNo(i, to) {
		return
	}
	if before != otherScript && !strings.HasSuffix(s.text[:i], "ー") {
		return
	}
	if said := strings.Index(s.text[i:to], "です"); said > 3*len("あ") && said <= 10*len("あ") && s.splitKana(s.text[i:i+said]) && !s.beginsWord(s.text[i:i+said]) {
		s.take(i, i+said)
		return
	}
	prev, _ := runeBefore(s.text, i)
	if strings.ContainsRune("。\n 、ー\x00", prev) && s.saidKana(i, to) || prev != 0 && prev != '。' && prev != '\n' {
		return
	}
	end := s.readAhead(i, to, familyReading, 3)
	if end > 0 && strings.HasPrefix(s.text[end:], "です") && s.reading(s.text[i:end])&listedReading != 0 {
		if rest := s.text[end+len("です"):]; rest == "" || strings.HasPrefix(rest, "。") || strings.HasPrefix(rest, "、") {
			s.take(i, end)
		}
	}
}

// pairBehind takes a full name in hiragana whose family name is the end of the
// row [from, to): 漢字が分からないのでふじさき まこと.
func (s *search) pairBehind(from, to int) bool {
	for at := from; at < to; {
		prev, _ := runeBefore(s.text, at)
		if at == from || strings.ContainsRune("のはがにをとでも", prev) {
			if end := s.kanaName(at); end > 0 {
				return s.take(at, end)
			}
		}
		_, n := runeAt(s.text, at)
		at += n
	}
	return false
}

// beginsWord reports whether a row of hiragana begins with a verb, an adjective
// or the like: おいしそう, いいところ.
func (s *search) beginsWord(row string) bool {
	words, n := s.words.Prefixes(row)
	for _, w := range words[:n] {
		if w.Uses&morph.OtherWord != 0 && (w.Len >= 3*len("あ") && s.reading(row[:w.Len])&listedReading == 0 || s.words.Uses(row[w.Len:])&(morph.OtherWord|morph.CommonWord) != 0) {
			return true
		}
	}
	return false
}

// latinName takes two Latin words at i that are read as a family name and a
// given name and are written as names are; it returns where to go on.
func (s *search) latinName(i int) int {
	if end := s.latinPair(i, false); end > 0 {
		return end
	}
	return latinEnd(s.text, i)
}

// latinPair takes the two Latin words at i if they are a name, and returns
// where they end, 0 if they are none. cued: something says that a name stands
// there, so that any two Japanese words in capitals are one.
func (s *search) latinPair(i int, cued bool) int {
	first := latinEnd(s.text, i)
	r, n := runeAt(s.text, first)
	second := latinEnd(s.text, first+n)
	if r != ' ' && r != '/' && r != ',' || first-i < 3 || second-first-n < 2 {
		return 0
	}
	a, b := s.kana(s.text[i:first]), s.kana(s.text[first+n:second])
	if a == "" || b == "" || !s.capitals(i, first) || !s.capitals(first+n, second) {
		return 0
	}
	ka, kb := s.folded[fold(a)], s.folded[fold(b)]
	pair := ka&familyReading != 0 && kb&givenReading != 0 || ka&givenReading != 0 && kb&familyReading != 0 ||
		((ka|kb)&listedReading != 0 || cued) && runes(a) > 1 && runes(b) > 1
	if !pair {
		return 0
	}
	if s.isFree(i, second) {
		s.take(i, second)
	}
	return second
}

func latinEnd(text string, at int) int {
	for at < len(text) && (text[at] >= 'a' && text[at] <= 'z' || text[at] == '\'') {
		at++
	}
	return at
}

// capitals reports whether the original of [from, to) begins with a capital.
func (s *search) capitals(from, to int) bool {
	o := s.shadow.Original(from, to)
	r, _ := utf8.DecodeRuneInString(s.original[o.From:o.To])
	return r >= 'A' && r <= 'Z' || r >= 'Ａ' && r <= 'Ｚ'
}
