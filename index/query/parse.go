package query

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error says where a query is wrong, why, and what to write instead.
type Error struct {
	Pos  int // code points before the place
	Msg  string
	Hint string
}

// Error is "at 12: …; …".
func (e *Error) Error() string {
	if e.Hint == "" {
		return fmt.Sprintf("query at %d: %s", e.Pos+1, e.Msg)
	}
	return fmt.Sprintf("query at %d: %s; %s", e.Pos+1, e.Msg, e.Hint)
}

// The bounds of a query: a person types less.
const (
	maxRunes = 4096
	maxDepth = 32
)

// Parse reads a line. Its errors are *Error.
func Parse(line string) (Query, error) {
	if !utf8.ValidString(line) {
		return nil, &Error{Msg: "the query is not UTF-8"}
	}
	if utf8.RuneCountInString(line) > maxRunes {
		return nil, &Error{Msg: fmt.Sprintf("the query is longer than %d characters", maxRunes)}
	}
	p := &parser{in: []rune(ascii(line))}
	q, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.in) {
		return nil, p.fail(p.at, "a closing bracket has no opening one", "take it away or put ( before")
	}
	if q == nil {
		return All{}, nil
	}
	return q, nil
}

// ascii gives the signs of the language their ASCII form, rune for rune, so
// that positions stay.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '（':
			return '('
		case '）':
			return ')'
		case '：':
			return ':'
		case '＂', '”', '“', '「', '」', '『', '』':
			return '"'
		case '＊':
			return '*'
		case '－', '−':
			return '-'
		case '＜':
			return '<'
		case '＞':
			return '>'
		case '＝':
			return '='
		case '／':
			return '/'
		}
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

type parser struct {
	in []rune
	at int
}

func (p *parser) fail(pos int, msg, hint string) error { return &Error{Pos: pos, Msg: msg, Hint: hint} }

func (p *parser) space() {
	for p.at < len(p.in) && p.in[p.at] == ' ' {
		p.at++
	}
}

// keyword reads a word in capitals if it stands here.
func (p *parser) keyword(w string) bool {
	p.space()
	end := p.at + len(w)
	if end > len(p.in) || string(p.in[p.at:end]) != w {
		return false
	}
	if end < len(p.in) && p.in[end] != ' ' && p.in[end] != '(' && p.in[end] != ')' && p.in[end] != '"' {
		return false
	}
	p.at = end
	return true
}

func (p *parser) or(depth int) (Query, error) {
	if depth > maxDepth {
		return nil, p.fail(p.at, "brackets stand too deep", "")
	}
	var parts Or
	for {
		start := p.at
		q, err := p.and(depth)
		if err != nil {
			return nil, err
		}
		if q == nil {
			if len(parts) > 0 {
				return nil, p.fail(start, "OR has nothing behind it", "write a word there")
			}
			return nil, nil //nolint:nilnil // an empty query is no error
		}
		parts = append(parts, q)
		if !p.keyword("OR") {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return parts, nil
}

func (p *parser) and(depth int) (Query, error) {
	var parts And
	for {
		p.space()
		if p.at == len(p.in) || p.in[p.at] == ')' {
			break
		}
		at := p.at
		if p.keyword("OR") {
			p.at = at
			if len(parts) == 0 {
				return nil, p.fail(at, "OR has nothing before it", "write a word there")
			}
			break
		}
		if p.keyword("AND") {
			if len(parts) == 0 {
				return nil, p.fail(at, "AND has nothing before it", "write a word there")
			}
			p.space()
			if p.at == len(p.in) || p.in[p.at] == ')' {
				return nil, p.fail(at, "AND has nothing behind it", "write a word there")
			}
		}
		q, err := p.unary(depth)
		if err != nil {
			return nil, err
		}
		parts = append(parts, q)
	}
	switch len(parts) {
	case 0:
		return nil, nil //nolint:nilnil // nothing stands here
	case 1:
		return parts[0], nil
	}
	return parts, nil
}

func (p *parser) unary(depth int) (Query, error) {
	at := p.at
	not := p.keyword("NOT")
	if !not && p.at < len(p.in) && p.in[p.at] == '-' {
		p.at++
		not = true
	}
	if !not {
		return p.primary(depth)
	}
	p.space()
	if p.at == len(p.in) || p.in[p.at] == ')' || depth > maxDepth {
		return nil, p.fail(at, "there is nothing to leave out", "write a word behind the sign")
	}
	q, err := p.unary(depth + 1)
	if err != nil {
		return nil, err
	}
	return Not{q}, nil
}

func (p *parser) primary(depth int) (Query, error) {
	at := p.at
	switch p.in[p.at] {
	case '(':
		p.at++
		q, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		if p.space(); p.at == len(p.in) {
			return nil, p.fail(at, "the bracket is not closed", "put ) behind the group")
		}
		p.at++
		if q == nil {
			return nil, p.fail(at, "the brackets are empty", "write a word between them")
		}
		return q, nil
	case '"':
		text, err := p.quoted()
		if err != nil {
			return nil, err
		}
		return Words{Text: text, Phrase: true}, nil
	}
	return p.word()
}

// quoted reads from one quote to the next.
func (p *parser) quoted() (string, error) {
	at := p.at
	for p.at++; p.at < len(p.in); p.at++ {
		if p.in[p.at] == '"' {
			text := strings.TrimSpace(string(p.in[at+1 : p.at]))
			p.at++
			if text == "" {
				return "", p.fail(at, "the quotes are empty", "write words between them")
			}
			return text, nil
		}
	}
	return "", p.fail(at, "the quote is not closed", `put " behind the phrase`)
}

// word reads a word, or a field and its value.
func (p *parser) word() (Query, error) {
	at := p.at
	colon := -1
	for p.at < len(p.in) && !strings.ContainsRune(` ()"`, p.in[p.at]) {
		if p.in[p.at] == ':' && colon < 0 && p.at > at && isName(p.in[at:p.at]) {
			colon = p.at
			if p.at+1 < len(p.in) && p.in[p.at+1] == '"' {
				p.at++
				break
			}
		}
		p.at++
	}
	text := string(p.in[at:p.at])
	switch {
	case text == "AND" || text == "OR" || text == "NOT":
		return nil, p.fail(at, text+" stands where a word should", "quote it if it is one")
	case colon < 0:
		return Words{Text: text}, nil
	}
	name, value, quoted := strings.ToLower(string(p.in[at:colon])), string(p.in[colon+1:p.at]), false
	if value == "" && p.at < len(p.in) && p.in[p.at] == '"' {
		var err error
		if value, err = p.quoted(); err != nil {
			return nil, err
		}
		quoted = true
	}
	prefix := false
	if quoted {
		if p.at < len(p.in) && p.in[p.at] == '*' {
			prefix = true
			p.at++
		}
	} else {
		value, prefix = strings.CutSuffix(value, "*")
	}
	q, problem, hint := field(name, value, quoted, prefix)
	if problem != "" {
		return nil, p.fail(at, problem, hint)
	}
	return q, nil
}

// isName reports whether letters can be the name of a field.
func isName(s []rune) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' {
			return false
		}
	}
	return true
}
