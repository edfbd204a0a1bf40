package mask

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/koe-voc/koe/pipeline/voc"
)

// maxName bounds a name in runes: the longest that the telephone books of
// Japan hold have seven, foreign ones with a middle point more.
const maxName = 16

// persons finds names: before a title, beside a cue, and a surname that a
// given name follows. Only the pieces of text that hold a hint are tokenised.
func (s *search) persons() {
	hints := 0
	for _, h := range s.hits {
		switch h.role {
		case cueTitle, cueNameIs, cueName, cueForm, cueSurname, cueAccount:
			hints++
		default:
		}
	}
	if hints == 0 {
		return
	}
	from := 0
	for from < len(s.text) {
		to := pieceEnd(s.text, from)
		if s.hinted(from, to) {
			p := piece{search: s, from: from, tokens: s.words.Tokenize(s.text[from:to])}
			p.find(to)
		}
		from = to
	}
}

// pieceEnd is the end of the sentence at from, or of the first 2,000 bytes of
// it: a name and its title stand closer.
func pieceEnd(text string, from int) int {
	for i, r := range text[from:] {
		switch {
		case r == '。' || r == '\n' || r == '!' || r == '?':
			return from + i + utf8.RuneLen(r)
		case i > 2000 && (unicode.IsSpace(r) || r == '、'), i > 4000:
			return from + i
		}
	}
	return len(text)
}

func (s *search) hinted(from, to int) bool {
	for _, h := range s.hits {
		if h.from < from || h.from >= to {
			continue
		}
		switch h.role {
		case cueTitle, cueNameIs, cueName, cueForm, cueSurname:
			return true
		default:
		}
	}
	return false
}

// piece is a tokenised stretch of the text; its tokens' spans count from from.
type piece struct {
	*search
	from   int
	tokens []voc.Token
	formal bool // the title at hand is 様, 氏 or 殿
}

func (p *piece) find(to int) {
	for _, h := range p.hits {
		if h.from < p.from || h.from >= to {
			continue
		}
		switch h.role {
		case cueTitle:
			if !p.nobody(h) && !p.compound(h) {
				p.titled(h)
			}
		case cueNameIs:
			p.introduced(h)
		case cueForm:
			p.labelled(h.to)
		case cueName:
			p.behind(h.to)
		case cueSurname:
			p.full(h)
		default:
		}
	}
}

// nobody reports whether a title belongs to a word such as お客様, 業者さん.
func (p *piece) nobody(title hit) bool {
	for _, h := range p.hits {
		if h.role == cueNobody && h.from < title.to && h.to >= title.from {
			return true
		}
	}
	return false
}

// span of token i in the text.
func (p *piece) span(i int) (from, to int) {
	return p.from + p.tokens[i].Span.From, p.from + p.tokens[i].Span.To
}

func (p *piece) word(i int) string {
	a, b := p.span(i)
	return p.text[a:b]
}

// before takes the name that ends at byte end. With a title a single unknown
// word is a name; with another cue it has to be known as one.
func (p *piece) before(end int, title bool) {
	p.formal = strings.HasPrefix(p.text[end:], "様") || strings.HasPrefix(p.text[end:], "氏") || strings.HasPrefix(p.text[end:], "殿") || strings.HasPrefix(p.text[end:], "さま")
	end = len(strings.TrimRight(p.text[:end], " "))
	last := -1
	for i := range p.tokens {
		if _, to := p.span(i); to == end {
			last = i
			break
		}
	}
	if last < 0 {
		return
	}
	if strings.HasSuffix(p.text[:end], ")") {
		p.bracketed(last, title)
		return
	}
	first := p.nameEndingAt(last, title)
	if first > last {
		return
	}
	a, _ := p.span(first)
	_, b := p.span(last)
	if utf8.RuneCountInString(p.text[a:b]) <= maxName {
		p.add(a, b, Person)
	}
}

// bracketed takes 田井(たい)様: the reading in brackets and the name before.
func (p *piece) bracketed(last int, title bool) {
	for i := last - 1; i > 0 && last-i < 8; i-- {
		if p.word(i) == "(" {
			a, _ := p.span(i + 1)
			_, b := p.span(last - 1)
			p.add(a, b, Person)
			start, _ := p.span(i)
			p.before(start, title)
			return
		}
	}
}

// nameEndingAt walks back from token last and returns the first token of the
// name, last+1 if there is none.
func (p *piece) nameEndingAt(last int, title bool) int {
	first := last + 1
	script := scriptOf(p.word(last))
	for i := last; i >= 0; i-- {
		if p.word(i) == "・" && i > 0 && i < last {
			continue
		}
		if i < last {
			_, to := p.span(i)
			next, _ := p.span(i + 1)
			gap := p.text[to:next]
			if gap != "" && strings.Trim(gap, " ") != "" || len(gap) > 1 || gap == " " && p.organisation(i) {
				break
			}
		}
		if !p.nameWord(i, script, title, i == last) {
			break
		}
		first = i
		if last-i >= 4 {
			break
		}
	}
	return first
}

// nameWord reports whether token i can be part of a name whose last token is
// written in script.
func (p *piece) nameWord(i int, script script, title, last bool) bool {
	t, w := p.tokens[i], p.word(i)
	switch written := scriptOf(w); {
	case written == script, script == hiragana && written == kanji, script == kanji && t.POS == voc.NounPerson:
	default:
		return false
	}
	if p.organisation(i) {
		return false
	}
	switch t.POS {
	case voc.NounPerson:
		return true
	case voc.NounProper, voc.NounPlace:
		// 長野様 is a name, 長野県の長野様 has a place before it.
		return last && title
	case voc.NounOrg:
		return last && title && p.surname(i, true)
	case voc.Noun, voc.NounVerbal, voc.NounSuffix, voc.NounAdj, voc.NounAdverbial, voc.Prefix, voc.OtherPOS, voc.Verb, voc.Adverb:
		if !title && !p.surname(i, false) {
			return script != kanji && !t.Known
		}
		if p.surname(i, title) {
			return true
		}
		if script != kanji {
			return !t.Known || p.formal && t.POS != voc.Adverb && t.POS != voc.Verb && utf8.RuneCountInString(w) >= 2
		}
		// 様 makes a name of any short word in kanji; さん stands behind 土産 and 団体 too.
		return (p.formal || !t.Known || !last) && utf8.RuneCountInString(w) <= 3 && t.POS != voc.Verb && t.POS != voc.Adverb
	default:
		return false
	}
}

// organisation reports whether token i ends in what names a firm or a place.
func (p *piece) organisation(i int) bool {
	return p.tokens[i].POS != voc.NounPerson && firm(p.word(i))
}

// surname reports whether token i is in the list of surnames; short ones count
// if a title follows.
func (p *piece) surname(i int, title bool) bool {
	a, b := p.span(i)
	for _, h := range p.hits {
		if h.from == a && h.to == b && (h.role == cueSurname || title && h.role == cueShort) {
			return true
		}
	}
	return false
}

// behind takes the name that follows a cue that ends at byte at.
func (p *piece) behind(at int) {
	first := -1
	for i := range p.tokens {
		a, _ := p.span(i)
		if a < at {
			continue
		}
		if !joined(p.text[at:a]) {
			return
		}
		if joined(p.word(i)) && p.tokens[i].POS != voc.NounPerson {
			continue
		}
		first = i
		break
	}
	if first < 0 {
		return
	}
	script := scriptOf(p.word(first))
	last := first - 1
	for i := first; i < len(p.tokens) && i < first+4; i++ {
		if i > first {
			_, to := p.span(i - 1)
			if a, _ := p.span(i); a-to > 1 {
				break
			}
		}
		if scriptOf(p.word(i)) != script || p.tokens[i].POS != voc.NounPerson && !p.surname(i, false) {
			break
		}
		last = i
	}
	if last < first {
		return
	}
	a, _ := p.span(first)
	_, b := p.span(last)
	p.add(a, b, Person)
}

// full takes a surname of the list with the given name that follows it: a word
// that the dictionary has as a name, or kanji that it cannot join into a word.
func (p *piece) full(h hit) {
	for i := range p.tokens {
		a, b := p.span(i)
		if a != h.from || b != h.to {
			continue
		}
		if i+1 >= len(p.tokens) {
			return
		}
		na, end := p.span(i + 1)
		if na-b > 1 {
			return
		}
		if p.tokens[i+1].POS != voc.NounPerson {
			if end = p.looseKanji(i + 1); end == 0 {
				return
			}
		}
		if !p.nobodyAt(a, end) {
			p.add(a, end, Person)
		}
		return
	}
}

// looseKanji returns the end of two or three tokens of one kanji each that
// stand from token i on, and no suffix among them; 0 if there are none.
func (p *piece) looseKanji(i int) int {
	n, end := 0, 0
	for ; i < len(p.tokens); i++ {
		w := p.word(i)
		if scriptOf(w) != kanji {
			break
		}
		t := p.tokens[i]
		if utf8.RuneCountInString(w) != 1 && t.Known && t.POS != voc.NounPerson || t.POS == voc.NounSuffix || t.POS == voc.NounNumber || t.POS == voc.NounCounter || t.POS == voc.Prefix {
			return 0
		}
		n += utf8.RuneCountInString(w)
		_, end = p.span(i)
	}
	if n < 2 || n > 3 {
		return 0
	}
	return end
}

// nobodyAt reports whether a known non-name covers [a, b).
func (p *piece) nobodyAt(a, b int) bool {
	for _, h := range p.hits {
		if h.role == cueNobody && h.from <= a && h.to >= b {
			return true
		}
	}
	return false
}

type script uint8

const (
	otherScript script = iota
	kanji
	hiragana
	katakana
	latin
)

func scriptOf(w string) script {
	r, _ := utf8.DecodeRuneInString(w)
	switch {
	case unicode.Is(unicode.Han, r) || r == '々' || r == 'ヶ':
		return kanji
	case unicode.Is(unicode.Hiragana, r):
		return hiragana
	case unicode.Is(unicode.Katakana, r) || r == 'ー':
		return katakana
	case r >= 'a' && r <= 'z':
		return latin
	default:
		return otherScript
	}
}
