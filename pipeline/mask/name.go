package mask

import (
	"strings"
	"unicode/utf8"

	"github.com/koe-voc/koe/pipeline/voc"
)

// compound reports whether a title is the head of another word: 氏名, 氏遺跡.
func (p *piece) compound(title hit) bool {
	if p.text[title.from:title.to] != "氏" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(p.text[title.to:])
	return scriptOf(string(r)) == kanji
}

// titled takes the name before a title. Katakana and Latin names are taken as
// they are written; the others go by their tokens.
func (p *piece) titled(title hit) {
	end := len(strings.TrimRight(p.text[:title.from], " "))
	switch sc := scriptBefore(p.text, end); sc {
	case katakana, latin:
		from := runBefore(p.text, end, sc)
		if !p.common(from, end) {
			p.take(from, end)
		}
	default:
		p.before(title.from, true)
	}
}

// common reports whether [from, to) is, or ends in, a word that the dictionary
// has as a common noun: スタッフ様.
func (p *piece) common(from, to int) bool {
	for i, t := range p.tokens {
		a, b := p.span(i)
		if b != to || !t.Known {
			continue
		}
		switch t.POS {
		case voc.Noun, voc.NounVerbal, voc.NounAdj, voc.NounAdverbial, voc.NounSuffix, voc.NounCounter, voc.NounPronoun:
			return a <= from || utf8.RuneCountInString(t.Base) > 2
		default:
			return false
		}
	}
	return false
}

// introduced takes the name before と申します and its kin.
func (p *piece) introduced(cue hit) {
	end := cue.from
	if !strings.HasPrefix(p.text[cue.from:], "と") {
		p.before(end, false)
		return
	}
	sc := scriptBefore(p.text, end)
	from := runBefore(p.text, end, sc)
	if sc == hiragana {
		// "私はむとうと": the particle before the name belongs to the word before it.
		if r, n := utf8.DecodeRuneInString(p.text[from:]); from > 0 && strings.ContainsRune("はがのもに", r) && scriptBefore(p.text, from) != otherScript {
			from += n
		}
	}
	name := p.text[from:end]
	if n := utf8.RuneCountInString(name); n < 2 || n > 8 || sc == otherScript || sc == kanji && (n > 5 || firm(name)) {
		return
	}
	p.take(from, end)
}

// firmEndings end the names of firms, shops and places, not of persons.
var firmEndings = [...]string{
	"社", "店", "局", "課", "部", "所", "館", "園", "院", "校", "市", "県", "区", "町", "村", "駅", "寺", "屋", "亭", "苑", "庵", "荘", "堂", "軒", "湯",
	"銀行", "会社", "株", "商事", "工業", "産業", "製作所", "食堂", "旅館", "ホテル", "カフェ", "サービス", "センター", "組合", "協会", "連盟", "大学", "商店",
}

func firm(name string) bool {
	for _, s := range firmEndings {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	return false
}

// labelled takes the name behind the label of a form: 【氏名】高島 良健, 氏名:…,
// and katakana or Latin words right behind it.
func (p *piece) labelled(at int) {
	from := at
	mark := false
	for from < len(p.text) {
		r, n := utf8.DecodeRuneInString(p.text[from:])
		if !strings.ContainsRune(":;】]=>　 「(", r) {
			break
		}
		mark = mark || r != ' '
		from += n
	}
	sc := scriptAt(p.text, from)
	if sc == otherScript || !mark && sc != katakana && sc != latin {
		return
	}
	to := runAfter(p.text, from, sc)
	// A surname and a given name with one space between.
	if next := to + 1; to < len(p.text) && p.text[to] == ' ' && scriptAt(p.text, next) == sc {
		if second := runAfter(p.text, next, sc); utf8.RuneCountInString(p.text[next:second]) <= 6 || sc == latin {
			to = second
		}
	} else if !mark && sc != latin && p.common(from, to) {
		return
	}
	name := p.text[from:to]
	if sc == hiragana {
		name = strings.TrimSuffix(strings.TrimSuffix(name, "です"), "と")
		to = from + len(name)
	}
	if n := utf8.RuneCountInString(name); n < 2 || n > maxName || sc == kanji && (n > 7 || firm(name) || p.common(from, to)) {
		return
	}
	p.take(from, to)
}

// numbered takes the name that callers say behind their number: 会員番号…、なりたです。
func (s *search) numbered() {
	for _, f := range s.out {
		if f.Kind != Account {
			continue
		}
		from := f.To
		for from < len(s.text) {
			r, n := utf8.DecodeRuneInString(s.text[from:])
			if !strings.ContainsRune("、, のは", r) {
				break
			}
			from += n
		}
		sc := scriptAt(s.text, from)
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
		tail, _ := utf8.DecodeRuneInString(s.text[to:])
		if n := utf8.RuneCountInString(name); n >= 3 && n <= 9 && (sc == hiragana || strings.ContainsRune("。、/ で様", tail) || to == len(s.text)) {
			s.add(from, to, Person)
		}
	}
}

func (p *piece) take(from, to int) {
	if n := utf8.RuneCountInString(p.text[from:to]); n >= 2 && n <= maxName && !p.nobodyAt(from, to) {
		p.add(from, to, Person)
	}
}

func scriptAt(text string, at int) script {
	if at >= len(text) {
		return otherScript
	}
	return scriptOf(text[at:])
}

func scriptBefore(text string, end int) script {
	if end == 0 {
		return otherScript
	}
	_, n := utf8.DecodeLastRuneInString(text[:end])
	return scriptOf(text[end-n:])
}

// runBefore returns where the run of sc that ends at end begins. Latin words
// may have one space between them, katakana ones a middle point.
func runBefore(text string, end int, sc script) int {
	at := end
	for at > 0 {
		r, n := utf8.DecodeLastRuneInString(text[:at])
		joint := sc == latin && (r == ' ' || r == '.') || sc == katakana && (r == '・' || r == ' ' || r == '=')
		if scriptOf(string(r)) != sc && (!joint || at == end || scriptBefore(text, at-n) != sc) {
			break
		}
		at -= n
	}
	return at
}

// runAfter returns where the run of sc that begins at from ends.
func runAfter(text string, from int, sc script) int {
	at := from
	for at < len(text) {
		r, n := utf8.DecodeRuneInString(text[at:])
		joint := sc == latin && (r == ' ' || r == '.') || sc == katakana && (r == '・' || r == '=')
		if scriptOf(string(r)) != sc && (!joint || scriptAt(text, at+n) != sc) {
			break
		}
		at += n
	}
	return at
}
