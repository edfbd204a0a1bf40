package mask

import (
	"strings"

	"github.com/koe-voc/koe/pipeline/morph"
)

// introduced takes the name before と申します and its kin.
func (s *search) introduced(cue hit) {
	end := cue.from
	word := s.text[cue.from:cue.to]
	quoted := strings.HasPrefix(word, "と") && !strings.HasPrefix(word, "という")
	sc := scriptBefore(s.text, end)
	if strings.HasSuffix(s.text[:end], "さん") {
		return
	}
	switch sc {
	case kanji:
		s.introducedKanji(end, quoted)
		return
	case otherScript:
		return
	default:
	}
	from := runBefore(s.text, end, sc)
	name := s.text[from:end]
	if sc == hiragana {
		if a := s.familyKanji(from); a < from && s.reading(name)&givenReading != 0 {
			s.take(a, end)
			return
		}
		if from, name = s.introducedHiragana(from, end, quoted); name == "" {
			return
		}
	}
	if !quoted && sc == hiragana && (s.reading(name)&listedReading == 0 || s.words.Uses(name) != 0 || scriptBefore(s.text, from) != otherScript) {
		return
	}
	if sc == katakana && s.words.Uses(name)&(morph.CommonWord|morph.OtherWord) != 0 || !quoted && sc != hiragana && s.reading(name) == 0 {
		return
	}
	if n := runes(name); n >= 2 && n <= 10 {
		s.take(s.readingBefore(from), end)
	}
}

// introducedHiragana returns the name in the row [from, end); empty if there
// is none. "私はむとうと": a particle before the name belongs to the word before.
func (s *search) introducedHiragana(from, end int, quoted bool) (int, string) {
	name := s.text[from:end]
	humble := strings.HasPrefix(s.text[end:], "と申")
	if s.reading(name) != 0 && (humble || runes(name) > 2 && s.words.Uses(name)&morph.OtherWord == 0) {
		return from, name
	}
	for at := from; at < end; {
		r, n := runeAt(s.text, at)
		at += n
		rest := s.text[at:end]
		if strings.ContainsRune("はがのもにくとーです", r) && runes(rest) >= 2 && s.reading(rest) != 0 && s.words.Uses(rest)&morph.OtherWord == 0 {
			return at, rest
		}
	}
	if r, n := runeAt(s.text, from); quoted && from > 0 && strings.ContainsRune("はがのもに", r) && scriptBefore(s.text, from) != otherScript {
		return from + n, s.text[from+n : end]
	}
	if !quoted || scriptBefore(s.text, from) != otherScript || runes(name) > 5 || s.words.Uses(name) != 0 {
		return from, ""
	}
	return from, name
}

// introducedKanji takes the name in kanji that ends at end: behind と申します any
// short row of them, elsewhere a name of the lists.
func (s *search) introducedKanji(end int, quoted bool) {
	row := runBefore(s.text, end, kanji)
	from := s.afterHead(row, end)
	name := s.text[from:end]
	u := s.words.Uses(name)
	f := s.family(name, u)
	if a := s.familyBefore(from); a < from {
		s.take(a, end)
		return
	}
	switch {
	case f >= placeName && quoted, f == sureName, f >= rareName && strings.HasPrefix(s.text[end:], "という"), f == rareName && strings.HasPrefix(s.text[end:], "で"), s.fullName(from, true) == end:
		s.take(from, end)
	case quoted && runes(name) <= 5 && !firm(name) && (u&(morph.CommonWord|morph.OtherWord) == 0 || f != noFamily || u&morph.GivenName != 0):
		s.take(from, end)
	case f == noFamily && runes(name) > 2:
		// サポート窓口吉富でございます: the name is the end of the row.
		for at := from; at < end; {
			_, w := runeAt(s.text, at)
			at += w
			if rest := s.text[at:end]; s.familyOf(rest) >= rareName && runes(s.text[from:at]) > 1 && s.words.Uses(s.text[from:at]) != 0 {
				s.take(at, end)
				return
			}
		}
	}
}

// joiners returns where what joins a cue that ends at at with a name ends, and
// whether there is a sign among it that marks a field: 氏名:, 担当「.
func (s *search) joiners(at int) (from int, mark, comma bool) {
	from = at
	for from < len(s.text) && from-at < joinMax {
		r, n := runeAt(s.text, from)
		if !joins(r) || scriptOfRune(r) == hiragana && scriptAt(s.text, from+n) == hiragana {
			break
		}
		mark = mark || strings.ContainsRune(":;=】]>「『(〈《/→#", r)
		comma = comma || strings.ContainsRune("、。,\n", r)
		from += n
	}
	return from, mark, comma
}

// behind takes the name behind a cue that ends at at. form is the label of a
// form.
func (s *search) behind(at int, form bool) {
	from, mark, comma := s.joiners(at)
	if scriptAt(s.text, from) != kanji {
		s.behindKana(at, from, mark, comma)
		return
	}
	if s.begins(from, cueName) > 0 || s.begins(from, cueForm) > 0 && s.familyOf(s.text[from:runAfter(s.text, from, kanji)]) == noFamily {
		return // 担当の営業: that one's own turn comes
	}
	if end := s.full(from, true); end > 0 {
		return
	}
	if comma && !form {
		return
	}
	runEnd := runAfter(s.text, from, kanji)
	names, n := s.surnames(s.text[from:runEnd])
	between := s.text[at:from]
	tight := between == "" || between == "の" || between == " " || mark || form && (between == "は" || between == "が")
	for _, f := range names[:n] {
		end := from + f.len
		if end != runEnd && s.begins(end, cueTail) == 0 && s.begins(end, cueName) == 0 && !s.beginsTitle(end) {
			continue
		}
		if arrow := s.text[end:]; f.trust >= rareName && strings.HasPrefix(arrow, "→") || strings.HasPrefix(arrow, "⇒") {
			s.behind(end, form) // 平松→細谷
		}
		if f.trust == sureName || f.trust >= rareName && tight || f.trust <= weakName && (mark || form && (between == "は" || between == "が")) {
			s.take(from, end)
			return
		}
	}
	name := s.text[from:runEnd]
	if u := s.words.Uses(name); form && mark && runes(name) <= 4 && !firm(name) && u&other == 0 && !s.wordy(name) && !role(name) {
		s.take(from, runEnd)
	} else if tight && runes(name) > 1 && (u&morph.GivenName != 0 && u&other == 0 || u == 0 && between == "" && s.kin(at) && runes(name) == 2 && s.strong(name) && !s.inflected(runEnd)) {
		s.take(from, runEnd)
	}
}

func (s *search) beginsTitle(at int) bool { return s.begins(at, cueTitle) > 0 }

// behindKana takes the name in kana or Latin letters that begins at from,
// behind a cue that ends at at.
func (s *search) behindKana(at, from int, mark, comma bool) {
	sc := scriptAt(s.text, from)
	if sc == otherScript || comma && !mark {
		return
	}
	if end := s.kanaName(from); end > 0 && sc != latin {
		s.take(from, end)
		return
	}
	to := runAfter(s.text, from, sc)
	name := s.text[from:to]
	joint := s.text[at:from]
	switch sc {
	case katakana:
		if (joint == "" || joint == "の") && s.kin(at) && runes(name) >= 2 && runes(name) <= 4 && plainKana(name) && s.words.Uses(name)&(morph.CommonWord|morph.OtherWord) == 0 {
			s.take(from, to)
			return
		}
		if s.reading(name) != 0 && s.words.Uses(name)&(morph.CommonWord|morph.OtherWord|morph.ProperName) == 0 || s.foreign[name] {
			s.take(from, to)
		}
	case hiragana:
		if joint == "" && strings.HasSuffix(s.text[:at], "は") {
			if e := s.readAhead(from, to, familyReading, 2); e > 0 && strings.HasPrefix(s.text[e:], "です") {
				s.take(from, e) // 名前はよこいです
			}
		}
		if joint == "は" || joint == "" {
			return
		}
		if e := s.readAhead(from, to, familyReading, 3); e > 0 && (mark || strings.HasSuffix(joint, "の")) {
			s.take(from, e)
		}
	case latin:
		if s.latinPair(from, true) > 0 {
			return
		}
		if k := s.kana(name); k != "" && s.folded[fold(k)] != 0 && len(name) > 3 {
			s.take(from, to)
		}
	default:
	}
}

// kin reports whether what ends at at is a word for one's kin: 娘, 息子の.
func (s *search) kin(at int) bool {
	before := strings.TrimSuffix(s.text[:at], "の")
	r, _ := runeBefore(before, len(before))
	return strings.ContainsRune("娘子孫妹弟姉兄姪甥母父妻夫男女", r)
}

// readAhead returns the end of the longest reading of a name that begins at
// from, has at least least kana and is followed by a particle, です or the end
// of the row at to; 0 if there is none.
func (s *search) readAhead(from, to int, want reading, least int) int {
	end := 0
	at := from
	// A given name in kana may be a word too (ひかり): behind a family name it is none.
	words := morph.CommonWord | morph.OtherWord
	if want == givenReading && least > 1 {
		words = 0
	}
	for n := 1; at < to && n <= 7; n++ {
		_, w := runeAt(s.text, at)
		at += w
		if n < least || s.reading(s.text[from:at])&want == 0 || n < 3 && s.words.Uses(s.text[from:at])&(morph.CommonWord|morph.OtherWord) != 0 || s.words.Uses(s.text[from:at])&words != 0 {
			continue
		}
		if at == to || particle(s.text[at:]) {
			end = at
		}
	}
	return end
}

// particle reports whether text goes on behind a name: a particle and no
// hiragana behind it, です, と申.
func particle(text string) bool {
	for _, p := range [...]string{"です", "でした", "でござ", "より", "から", "とい", "と申", "さん", "様", "に", "が", "は", "の", "を", "と", "へ", "も", "で", "って"} {
		if rest, ok := strings.CutPrefix(text, p); ok && (len(p) > len("と") || scriptAt(rest, 0) != hiragana) {
			return true
		}
	}
	return false
}

// labelled takes the name behind the label of a form: 【氏名】高島 良健, 氏名:…,
// and katakana or Latin words right behind it.
func (s *search) labelled(at int) {
	from := at
	mark := strings.HasSuffix(s.text[:at], ":")
	for from < len(s.text) {
		r, n := runeAt(s.text, from)
		if !strings.ContainsRune(":;】]=>　 「(", r) {
			break
		}
		mark = mark || r != ' '
		from += n
	}
	sc := scriptAt(s.text, from)
	if sc == otherScript || !mark && sc != katakana {
		return
	}
	to := runAfter(s.text, from, sc)
	// A surname and a given name with one space between.
	if next := to + 1; to < len(s.text) && s.text[to] == ' ' && scriptAt(s.text, next) == sc {
		if second := runAfter(s.text, next, sc); runes(s.text[next:second]) <= 6 || sc == latin {
			to = second
		}
	} else if !mark && sc != latin && s.words.Uses(s.text[from:to])&(morph.CommonWord|morph.OtherWord) != 0 {
		return
	}
	name := s.text[from:to]
	if sc == hiragana {
		name = strings.TrimSuffix(strings.TrimSuffix(name, "です"), "と")
		to = from + len(name)
	}
	if n := runes(name); n < 2 || n > maxName && sc != latin || sc == kanji && (n > 7 || firm(name) || s.words.Uses(name)&(morph.CommonWord|morph.OtherWord) != 0 && s.familyOf(name) == noFamily) {
		return
	}
	s.take(from, to)
}

// signed takes a signature: a name, and nothing but the end of the line behind.
func (s *search) signed(at int) {
	from, _, _ := s.joiners(at)
	if scriptAt(s.text, from) != kanji {
		return
	}
	if s.full(from, true) > 0 {
		return
	}
	to := runAfter(s.text, from, kanji)
	if r, _ := runeAt(s.text, to); (r == 0 || r == '\n' || r == ' ' || r == ')' || strings.HasPrefix(s.text[to:], "より")) && s.familyOf(s.text[from:to]) >= rareName {
		s.take(from, to)
	}
}

// afterContact takes the family name that ends a line behind a number, a mail
// address or an address: 連絡先 03-1234-5678 戸川.
func (s *search) afterContact(f found) {
	r, n := runeAt(s.text, f.To)
	if f.Kind == Person || f.Kind == BirthDate || r != ' ' && r != '\n' && r != '、' || scriptAt(s.text, f.To+n) != kanji {
		return
	}
	from := f.To + n
	to := runAfter(s.text, from, kanji)
	name := strings.TrimSuffix(s.text[from:to], "宛")
	if r, _ := runeAt(s.text, to); (r == 0 || r == '\n' || r == '。' || len(name) < to-from) && s.familyOf(name) >= rareName && s.familyOf(name) != placeName {
		s.add(from, from+len(name), Person)
	}
}

// beforeContact takes the family name that stands alone before a number or a
// mail address: 保科、090-1234-5678, 芦名(昭和31年2月9日).
func (s *search) beforeContact(f found) {
	if f.Kind == Person || f.Kind == Address || f.Kind == Account {
		return
	}
	end := len(strings.TrimRight(s.text[:f.From], " 、(\n"))
	if end == f.From || f.From-end > len("、 ") || scriptBefore(s.text, end) != kanji {
		return
	}
	from := runBefore(s.text, end, kanji)
	prev, _ := runeBefore(s.text, from)
	name := s.familyOf(s.text[from:end])
	if (prev == 0 || strings.ContainsRune("。\n 、」", prev)) && name >= rareName && name != placeName && s.isFree(from, end) {
		s.add(from, end, Person)
	}
}

// alone takes the family name at from if nothing but the end of the sentence
// is behind it.
func (s *search) alone(from int) {
	to := runAfter(s.text, from, kanji)
	r, _ := runeAt(s.text, to)
	if f := s.familyOf(s.text[from:to]); (r == 0 || r == '\n' || r == '。' || told(s.text[to:])) && f >= rareName && f != placeName {
		s.add(from, to, Person)
	}
}

// numbered takes the name that callers say behind their number: 会員番号…、なりたです。
func (s *search) numbered() {
	for _, f := range s.out {
		s.beforeContact(f)
		if f.Kind != Account {
			s.afterContact(f)
			continue
		}
		from := f.To
		for from < len(s.text) {
			r, n := runeAt(s.text, from)
			if !strings.ContainsRune("、, のは", r) {
				break
			}
			from += n
		}
		sc := scriptAt(s.text, from)
		if sc == kanji && from > f.To {
			s.alone(from)
		}
		if from == f.To || sc != katakana && sc != hiragana {
			continue
		}
		to := runAfter(s.text, from, sc)
		name := s.text[from:to]
		if sc == hiragana {
			if !strings.HasSuffix(name, "です") && !strings.HasSuffix(name, "と") {
				continue
			}
			name = strings.TrimSuffix(strings.TrimSuffix(name, "です"), "と")
			to = from + len(name)
		}
		tail, _ := runeAt(s.text, to)
		if n := runes(name); n >= 3 && n <= 9 && (sc == hiragana || strings.ContainsRune("。、/ で様", tail) || to == len(s.text)) && s.words.Uses(name)&(morph.CommonWord|morph.OtherWord) == 0 {
			s.add(from, to, Person)
		}
	}
}
