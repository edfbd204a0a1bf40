package mask

import "strings"

// leastOrder is how many digits a code has behind a word that only hints at
// one (ご契約, 伝票), or that is all of a turn: fewer are counts and models.
const leastOrder = 4

// orders finds codes behind words that hint at a contract or a transaction
// (ご契約T-5520981, 伝票は S-0713), and a turn that is nothing but a code.
func (s *search) orders() {
	for _, h := range s.hits {
		if h.role != cueOrder {
			continue
		}
		from := h.to
		for from < len(s.text) && from-h.to < joinMax && !codeByte(s.text[from]) {
			n := joinedPrefix(s.text[from:])
			if n == 0 {
				break
			}
			from += n
		}
		if from < len(s.text) && numeralOrCode(s.text[from:]) && !s.partOfThing(h) && !s.partOfNumber(h) {
			s.order(from, leastOrder)
		}
	}
	s.whole()
}

// numeralOrCode reports whether text begins as a code does.
func numeralOrCode(text string) bool {
	if codeByte(text[0]) {
		return true
	}
	_, n, _ := digit(text)
	return n > 0
}

// partOfNumber reports whether a cue is the end of a longer word that says what
// number it is: 番号は in 電話番号は, 型番号は.
func (s *search) partOfNumber(h hit) bool {
	if !strings.HasPrefix(s.text[h.from:h.to], "番号") {
		return false
	}
	switch scriptBefore(s.text, h.from) {
	case kanji, katakana, latin:
		return true
	default:
		return false
	}
}

// order takes the code at from if it is written like one: with letters, in
// groups, or in a row of six digits or more.
func (s *search) order(from, least int) {
	if from >= len(s.text) {
		return
	}
	if !codeByte(s.text[from]) {
		g, to := s.readNumber(from)
		if len(g) == 0 || isDigit(s.text[from]) || len(s.digits) < 6 || phone(s.digits) {
			return
		}
		s.orderAt(from, to)
		return
	}
	to, digits := s.code(from)
	// EM 5512 0000: letters before the first group.
	if digits == 0 && to-from <= 3 && to+1 < len(s.text) && s.text[to] == ' ' && isDigit(s.text[to+1]) {
		to, digits = s.code(to + 1)
	}
	code := s.text[from:to]
	letters := strings.ContainsAny(code, "abcdefghijklmnopqrstuvwxyz")
	groups := strings.ContainsAny(code, "-_ ")
	if digits < least || !letters && !groups && digits < 6 {
		return
	}
	if d, ok := readDate(s.text, from); ok && !d.loose {
		return
	}
	if !letters {
		if g, end := s.readNumber(from); len(g) > 0 && end >= to && phone(s.digits) || s.counted(to) && s.text[to] >= 0x80 {
			return
		}
	}
	s.orderAt(from, to)
}

func (s *search) orderAt(from, to int) {
	if !s.isFree(from, to) || s.cuedBefore(from, cueThing) {
		return
	}
	s.add(from, to, Account)
}

// maxWhole bounds in bytes a turn that is nothing but a code.
const maxWhole = 64

// whole takes the code that is all of a text: 4400-7712-0093, 77120045です. The
// number of a good (JAN: 13 digits from 45 or 49) and a price are none.
func (s *search) whole() {
	if len(s.text) > maxWhole {
		return
	}
	from := spaces(s.text, " \n")
	rest := s.text[from:]
	// 5回目のT-660318です
	if _, n, _ := readNumeral(rest); n > 0 && strings.HasPrefix(rest[n:], "回目の") {
		from += n + len("回目の")
	}
	if from >= len(s.text) || !codeByte(s.text[from]) {
		return
	}
	to, digits := s.code(from)
	tail := strings.Trim(s.text[to:], " 。、.\n")
	switch tail {
	case "", "です", "でした", "になります", "でございます", "ですね", "ですけど", "ですが", "だ", "で", "番", "番です", "と書いてあります", "ですか":
	default:
		return
	}
	code := s.text[from:to]
	if digits == 13 && len(code) == 13 && (strings.HasPrefix(code, "45") || strings.HasPrefix(code, "49")) || digits == len(code) && digits < 7 {
		return
	}
	s.order(from, leastOrder+1)
}

// coded takes the code right behind a customer's name: 秋元様、AX4471902.
func (s *search) coded() {
	for _, f := range s.out {
		if f.Kind != Person {
			continue
		}
		rest, formal := strings.CutPrefix(s.text[f.To:], "様")
		if !formal {
			rest = strings.TrimPrefix(rest, "さん")
		}
		code := strings.TrimLeft(rest, "、 (")
		if gap := len(rest) - len(code); gap == 0 || gap > len("、 ") {
			continue
		}
		if code != "" && codeByte(code[0]) && code[0] != '0' {
			s.order(len(s.text)-len(code), 6)
		}
	}
}
