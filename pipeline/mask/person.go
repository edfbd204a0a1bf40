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
		case cueTitle, cueNameIs, cueName, cueSurname:
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
		if h.from >= from && h.from < to && (h.role == cueTitle || h.role == cueNameIs || h.role == cueName || h.role == cueSurname) {
			return true
		}
	}
	return false
}

// piece is a tokenised stretch of the text; its tokens' spans count from from.
type piece struct {
	*search
	from   int
	tokens []voc.Token
}

func (p *piece) find(to int) {
	for _, h := range p.hits {
		if h.from < p.from || h.from >= to {
			continue
		}
		switch h.role {
		case cueTitle:
			if !p.nobody(h) {
				p.before(h.from, true)
			}
		case cueNameIs:
			p.before(h.from, false)
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
	if scriptOf(w) != script && !(script == hiragana && scriptOf(w) == kanji) && !(script == kanji && t.POS == voc.NounPerson) {
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
		return last && title && p.surname(i)
	case voc.Noun, voc.NounVerbal, voc.NounSuffix, voc.NounAdj, voc.NounAdverbial, voc.Prefix, voc.OtherPOS, voc.Verb, voc.Adverb:
		if !title && !p.surname(i) {
			return script != kanji && !t.Known
		}
		return script == kanji && utf8.RuneCountInString(w) <= 3 && t.POS != voc.Verb && t.POS != voc.Adverb ||
			script != kanji && (!t.Known || t.POS != voc.Adverb && utf8.RuneCountInString(w) >= 2)
	default:
		return false
	}
}

// organisation reports whether token i ends in what names a firm or a place.
func (p *piece) organisation(i int) bool {
	w := p.word(i)
	for _, s := range [...]string{"社", "店", "局", "課", "部", "所", "館", "園", "院", "校", "市", "県", "区", "町", "村", "銀行", "会社", "株"} {
		if strings.HasSuffix(w, s) && p.tokens[i].POS != voc.NounPerson {
			return true
		}
	}
	return false
}

// surname reports whether token i is in the list of surnames.
func (p *piece) surname(i int) bool {
	a, b := p.span(i)
	for _, h := range p.hits {
		if h.role == cueSurname && h.from == a && h.to == b {
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
	strong := p.marked(at)
	last := first - 1
	for i := first; i < len(p.tokens) && i < first+4; i++ {
		t := p.tokens[i]
		if i > first {
			_, to := p.span(i - 1)
			if a, _ := p.span(i); a-to > 1 {
				break
			}
		}
		if scriptOf(p.word(i)) != script || t.POS != voc.NounPerson && !(strong && nounLike(t.POS)) && !p.surname(i) && (i == first || t.Known && script != latin) {
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

// marked reports whether a cue is followed by a sign that a form puts before
// its value: 【氏名】, 氏名:.
func (p *piece) marked(at int) bool {
	r, _ := utf8.DecodeRuneInString(p.text[at:])
	return strings.ContainsRune(":】]= ", r)
}

func nounLike(p voc.POS) bool { return p.IsNoun() || p == voc.OtherPOS || p == voc.NounSuffix }

// full takes a surname of the list with the given name that follows it.
func (p *piece) full(h hit) {
	for i := range p.tokens {
		a, b := p.span(i)
		if a != h.from || b != h.to || p.tokens[i].POS != voc.NounPerson || i+1 >= len(p.tokens) {
			continue
		}
		na, nb := p.span(i + 1)
		if p.tokens[i+1].POS == voc.NounPerson && na-b <= 1 && !p.nobodyAt(a, nb) {
			p.add(a, nb, Person)
		}
		return
	}
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
