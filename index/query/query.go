// Package query is koe's search language: it reads a line that an analyst types
// into a tree, and writes the tree back. It knows the fields and their values,
// and nothing of indexes.
//
// # The language
//
//	届かない                       a word; its other spellings and synonyms are found too
//	配送 遅い                      both words (AND may be written between them)
//	"折り返し 連絡"                 the words beside each other; 「折り返し連絡」 is the same
//	返金 OR 交換                   one of them; AND binds tighter
//	返金 -交換   返金 NOT 交換      not the second
//	(返金 OR 交換) channel:chat    groups
//
// Fields:
//
//	type:complaint aspect:delivery         of any voice of the contact
//	voice:complaint/delivery               type and aspect of one voice; voice:complaint/* and voice:*/delivery, a third part is the sub-aspect
//	channel: risk: signal: prior: fulfilment: touchpoint:    a value of the taxonomy; risk:* is any
//	product: shop: queue: source: sub: thread: customer: id: definition:    a value; at its end * stands for any rest
//	category:配送                          a path of the centre's own categories, or the beginning of one
//	masked:phone                           contacts in which that kind of personal data was masked
//	nps:9 nps:<=6 nps:3..6 csat:>=4        numbers
//	day:2026-10-05 since:2026-10-01 until:2026-10-31    days, both ends included
//
// A value with spaces is quoted: product:"炊飯器 KM-10". Full-width signs and
// spaces count as the ASCII ones. AND, OR and NOT are written in capitals.
package query

import (
	"strconv"
	"strings"
)

// Query is a node of the tree. String writes it in the language, so that Parse
// reads the same tree back.
type Query interface {
	String() string
	query()
}

// All matches every contact. It is what an empty line means.
type All struct{}

// Words matches contacts that hold the words beside each other: a word as it
// was typed, or the words of a phrase.
type Words struct {
	Text   string
	Phrase bool // was written in quotes
}

// And matches what all of its parts match. It has at least two.
type And []Query

// Or matches what one of its parts matches. It has at least two.
type Or []Query

// Not matches what its part does not.
type Not struct{ Query Query }

// Field matches contacts that have the value in a field. A Value of "*" is any.
type Field struct {
	Name   string
	Value  string
	Prefix bool // Value is the beginning
}

// Voice matches contacts with one voice that has all that is said; empty is
// any.
type Voice struct{ Type, Aspect, Sub string }

// Range matches numbers from Min to Max, both included.
type Range struct {
	Name     string
	Min, Max int
}

// The bounds of a Range that has none.
const (
	NoMin = -1 << 31
	NoMax = 1<<31 - 1
)

// Days matches contacts of the days from From to To, both included, as
// 2026-10-05; empty is no bound.
type Days struct{ From, To string }

func (All) query()   {}
func (Words) query() {}
func (And) query()   {}
func (Or) query()    {}
func (Not) query()   {}
func (Field) query() {}
func (Voice) query() {}
func (Range) query() {}
func (Days) query()  {}

// String is empty.
func (All) String() string { return "" }

// String quotes a phrase.
func (w Words) String() string {
	if w.Phrase {
		return `"` + w.Text + `"`
	}
	return w.Text
}

// String joins the parts by spaces.
func (a And) String() string { return join(a, " ") }

// String joins the parts by OR.
func (o Or) String() string { return join(o, " OR ") }

func join(parts []Query, by string) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.String()
		switch p.(type) {
		case And, Or:
			out[i] = "(" + out[i] + ")"
		}
	}
	return strings.Join(out, by)
}

// String puts - before the part.
func (n Not) String() string {
	switch n.Query.(type) {
	case And, Or:
		return "-(" + n.Query.String() + ")"
	}
	return "-" + n.Query.String()
}

// String writes name:value.
func (f Field) String() string {
	v := f.Value
	if strings.ContainsAny(v, " ()\"*") && v != "*" || v == "" {
		v = `"` + v + `"`
	}
	if f.Prefix {
		v += "*"
	}
	return f.Name + ":" + v
}

// String writes voice:type/aspect.
func (v Voice) String() string {
	part := func(s string) string {
		if s == "" {
			return "*"
		}
		return s
	}
	s := "voice:" + part(v.Type) + "/" + part(v.Aspect)
	if v.Sub != "" {
		s += "/" + v.Sub
	}
	return s
}

// String writes name:min..max and its short forms.
func (r Range) String() string {
	lo, hi := strconv.Itoa(r.Min), strconv.Itoa(r.Max)
	switch {
	case r.Min == r.Max:
		return r.Name + ":" + lo
	case r.Min == NoMin:
		return r.Name + ":<=" + hi
	case r.Max == NoMax:
		return r.Name + ":>=" + lo
	}
	return r.Name + ":" + lo + ".." + hi
}

// String writes since:, until: or day:.
func (d Days) String() string {
	switch {
	case d.From == d.To:
		return "day:" + d.From
	case d.To == "":
		return "since:" + d.From
	}
	return "until:" + d.To
}
