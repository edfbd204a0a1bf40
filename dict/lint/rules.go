package lint

import (
	"slices"
	"strings"

	"github.com/koe-voc/koe/dict"
)

// element is one place of a pattern: any of its words.
type element struct {
	words  []string
	far    bool
	absent bool
}

// patterns reads a cell: " / " parts patterns, spaces the places of one, "|"
// the words of a place (see package classify).
func patterns(cell string) [][]element {
	var out [][]element
	for text := range strings.SplitSeq(cell, " / ") {
		var p []element
		far := false
		for f := range strings.FieldsSeq(text) {
			if f == "…" {
				far = true
				continue
			}
			rest, absent := strings.CutPrefix(f, "-")
			p = append(p, element{strings.Split(strings.ToLower(rest), "|"), far, absent})
			far = false
		}
		if len(p) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// canonical is a pattern in a form that does not turn on the order of words
// within a place.
func canonical(p []element) string {
	var b strings.Builder
	for _, e := range p {
		if e.far {
			b.WriteString("… ")
		}
		if e.absent {
			b.WriteByte('-')
		}
		words := slices.Clone(e.words)
		slices.Sort(words)
		b.WriteString(strings.Join(slices.Compact(words), "|") + " ")
	}
	return b.String()
}

// rules checks a table of patterns.
func (c *checker) rules(t *dict.Table) {
	if t.Name == "expressions.tsv" {
		c.voids = voids(t)
	}
	type seen struct {
		row  dict.Row
		says string
	}
	first := map[string][]seen{}
	for _, r := range t.Rows {
		c.condition(t, r)
		for _, p := range patterns(r.Get("pattern")) {
			c.pattern(t, r, p)
			key, says := canonical(p)+"\t"+r.Get("when"), said(t.Name, r)
			for _, o := range first[key] {
				switch {
				case o.says == says:
					c.add(t, r, Warning, duplicate, "remove one of the two", "its pattern %q stands in %s already and says the same", strings.TrimSpace(canonical(p)), o.row.ID())
				case opposite(o.says, says):
					c.add(t, r, Error, contradiction, "keep the one that is right, or part them by when", "its pattern %q says %s, in %s it says %s", strings.TrimSpace(canonical(p)), says, o.row.ID(), o.says)
				}
			}
			first[key] = append(first[key], seen{r, says})
		}
	}
}

// said is what a rule says, in short.
func said(table string, r dict.Row) string {
	switch table {
	case "cues.tsv":
		return strings.TrimSpace(r.Get("kind") + " " + r.Get("value"))
	case "risks.tsv":
		return r.Get("flag")
	}
	if t := r.Get("type"); t != "" {
		return strings.TrimSpace(t + " " + r.Get("aspect"))
	}
	return strings.TrimSpace("polarity " + sign(r.Get("polarity")) + r.Get("aspect"))
}

// opposite reports what one pattern cannot say at once: of expressions two
// types or signs, of cues a complaint and a praise or more and less.
func opposite(a, b string) bool {
	x, _, _ := strings.Cut(a, " ")
	y, _, _ := strings.Cut(b, " ")
	if x == "polarity" && y == "polarity" {
		return strings.HasPrefix(a, "polarity +") && strings.HasPrefix(b, "polarity -") || strings.HasPrefix(a, "polarity -") && strings.HasPrefix(b, "polarity +")
	}
	for _, p := range [][2]string{
		{"complaint", "praise"},
		{"complaint", "inquiry"},
		{"praise", "inquiry"},
		{"praise", "expectation"},
		{"intense", "soft"},
		{"void", "complaint"},
		{"void", "praise"},
	} {
		if x == p[0] && y == p[1] || x == p[1] && y == p[0] {
			return true
		}
	}
	return false
}

// voids are the patterns of expressions of type void.
func voids(t *dict.Table) map[string]string {
	out := map[string]string{}
	for _, r := range t.Rows {
		if r.Get("type") != "void" {
			continue
		}
		for _, p := range patterns(r.Get("pattern")) {
			if len(p) > 1 {
				out[canonical(p)] = r.ID()
				continue
			}
			for _, w := range p[0].words {
				out[w+" "] = r.ID()
			}
		}
	}
	return out
}

// condition finds conditions that cannot hold.
func (c *checker) condition(t *dict.Table, r dict.Row) {
	fields := strings.Fields(r.Get("when"))
	for _, f := range fields {
		if slices.Contains(fields, "-"+f) {
			c.add(t, r, Error, unreachable, "remove one of the two", "its condition asks for %s and for its absence", f)
		}
	}
}

// pattern finds patterns, or words of them, that can never match.
func (c *checker) pattern(t *dict.Table, r dict.Row, p []element) {
	var never []string
	for _, e := range p {
		if e.absent {
			never = append(never, e.words...)
		}
	}
	for _, e := range p {
		if n := len(e.words) - len(slices.Compact(slices.Sorted(slices.Values(e.words)))); n > 0 {
			c.add(t, r, Warning, duplicate, "remove one of the two", "a word stands twice in %q", strings.Join(e.words, "|"))
		}
		if e.absent {
			continue
		}
		var dead []string
		for _, w := range e.words {
			if slices.Contains(never, w) || slices.Contains(never, strings.TrimSuffix(w, "~")) {
				dead = append(dead, w)
			}
		}
		switch {
		case len(dead) == len(e.words):
			c.add(t, r, Error, unreachable, "change what must be absent", "it asks for %q and for its absence", strings.Join(dead, "|"))
		case len(dead) > 0:
			c.add(t, r, Warning, unreachable, "remove it, or change what must be absent", "it asks for %q, which must be absent too", strings.Join(dead, "|"))
		}
	}
	if t.Name == "expressions.tsv" && (r.Get("type") == "complaint" || r.Get("type") == "praise" || r.Get("type") == "") {
		c.covered(t, r, p)
	}
}

// covered finds expressions all of whose words a void takes the meaning from.
func (c *checker) covered(t *dict.Table, r dict.Row, p []element) {
	if len(p) > 1 {
		if id, ok := c.voids[canonical(p)]; ok {
			c.add(t, r, Error, unreachable, "remove it or the void", "the void %s covers its pattern wherever it stands", id)
		}
		return
	}
	var dead []string
	by := ""
	for _, w := range p[0].words {
		if id, ok := c.void(w); ok {
			dead, by = append(dead, w), id
		}
	}
	switch {
	case len(dead) == len(p[0].words):
		c.add(t, r, Error, unreachable, "remove it or the void", "the void %s covers %q wherever it stands", by, strings.Join(dead, "|"))
	case len(dead) > 0:
		c.add(t, r, Warning, unreachable, "remove the word here or from the void", "the void %s covers %q wherever it stands", by, strings.Join(dead, "|"))
	}
}

// void is the void that covers a word: one of the word itself, or, of a word
// that is negated, of the word however it stands.
func (c *checker) void(word string) (id string, ok bool) {
	for _, w := range []string{word, strings.TrimSuffix(word, "~")} {
		if id, ok = c.voids[w+" "]; ok {
			return id, true
		}
	}
	return "", false
}

// voidedTerms finds evaluations that a void takes the meaning from.
func (c *checker) voidedTerms(t *dict.Table) {
	e, err := c.set.Table("expressions.tsv")
	if err != nil {
		return // a dictionary without expressions has no voids
	}
	c.voids = voids(e)
	for _, r := range t.Rows {
		for word := range strings.SplitSeq(strings.ToLower(r.Get("term")), "|") {
			if id, ok := c.void(strings.TrimSpace(word)); ok {
				c.add(t, r, Error, unreachable, "remove it or the void", "the void %s covers %q wherever it stands", id, word)
			}
		}
	}
}
