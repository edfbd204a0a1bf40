// Package lint reads a dictionary as a careful colleague would: it finds
// entries that stand twice, that contradict one another, that nothing can ever
// find, and characters that look like others. It knows the columns of koe's
// tables and the language of patterns; it changes nothing.
//
// It tells what can be told from the tables alone. That a longer term hides a
// shorter one in every text, for example, cannot.
package lint

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Severity is how much a finding matters.
type Severity string

// The severities: an Error is an entry that does not do what it says, a
// Warning one that is likely of no use or only looks wrong.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is one thing that is wrong with one entry.
type Finding struct {
	File     string   `json:"file"`
	Site     bool     `json:"site"` // it stands in the site's folder, else in the built-in dictionary
	Line     int      `json:"line"` // of that file, from 1; 0: not known
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Check    string   `json:"check"` // duplicate, contradiction, unreachable or look-alike
	Text     string   `json:"text"`  // what is wrong
	Todo     string   `json:"todo"`  // what to do
}

// Tokenizer cuts a text into tokens as the pipeline does.
type Tokenizer interface {
	Tokenize(text string) []voc.Token
}

// Check returns the findings of all tables of d, in order of file and line.
// base and site are the folders that d was made of; site may be nil. sample is
// text of the kind that the dictionary is for: a word that stands in it must
// be found there.
func Check(d *dict.Set, base, site fs.FS, words Tokenizer, sample []string) ([]Finding, error) {
	c := &checker{set: d, words: words, sample: sample}
	for _, name := range d.Names() {
		if !strings.HasSuffix(name, ".tsv") {
			continue
		}
		t, err := d.Table(name)
		if err != nil {
			return nil, err
		}
		c.table(t)
	}
	if err := c.place(base, site); err != nil {
		return nil, err
	}
	slices.SortStableFunc(c.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Check, b.Check))
	})
	return slices.Compact(c.found), nil
}

type checker struct {
	set    *dict.Set
	words  Tokenizer
	sample []string
	voids  map[string]string // pattern of a void to its id
	found  []Finding
}

func (c *checker) table(t *dict.Table) {
	for _, column := range wordColumns(t) {
		for _, r := range t.Rows {
			c.lookAlikes(t, r, column)
		}
	}
	switch t.Name {
	case "aspects.tsv":
		c.terms(t, aspectMeaning)
		c.unfound(t)
	case "evaluations.tsv":
		c.terms(t, evaluationMeaning)
		c.unfound(t)
		c.voidedTerms(t)
	case "procedures.tsv":
		c.terms(t, procedureMeaning)
		c.unfound(t)
	case "expressions.tsv", "cues.tsv", "risks.tsv":
		c.rules(t)
	case "concepts.tsv":
		c.once(t, "words", strings.Fields, rowScope)
	case "synonyms.tsv", "mask_cues.tsv", "mask_names.tsv", "chunk_cues.tsv":
		c.lists(t)
	}
}

// lists checks tables whose rows are lists of words.
func (c *checker) lists(t *dict.Table) {
	bars := func(s string) []string { return strings.Split(s, "|") }
	switch t.Name {
	case "synonyms.tsv":
		c.once(t, "words", bars, tableScope)
	case "mask_cues.tsv":
		c.once(t, "words", bars, func(r dict.Row) string { return r.Get("role") })
	case "mask_names.tsv":
		c.once(t, "surnames", bars, tableScope)
		c.once(t, "short", bars, tableScope)
	case "chunk_cues.tsv":
		c.once(t, "words", func(s string) []string { return []string{s} }, func(r dict.Row) string { return r.Get("kind") })
	}
}

// wordColumns are the columns of a table that hold words of Japanese.
func wordColumns(t *dict.Table) []string {
	var out []string
	for _, c := range []string{"term", "pattern", "words", "surnames", "short", "surface"} {
		if slices.Contains(t.Columns, c) {
			out = append(out, c)
		}
	}
	return out
}

func (c *checker) add(t *dict.Table, r dict.Row, s Severity, check, todo, format string, args ...any) {
	c.found = append(c.found, Finding{File: t.Name, ID: r.ID(), Severity: s, Check: check, Text: fmt.Sprintf(format, args...), Todo: todo})
}

// place finds the lines of the findings.
func (c *checker) place(base, site fs.FS) error {
	type lines struct{ base, site map[string]int }
	files := map[string]lines{}
	for i := range c.found {
		f := &c.found[i]
		l, ok := files[f.File]
		if !ok {
			var err error
			if l.base, err = dict.Lines(base, f.File); err != nil {
				return err
			}
			if site != nil {
				if l.site, err = dict.Lines(site, f.File); err != nil {
					return err
				}
			}
			files[f.File] = l
		}
		f.Line = l.base[f.ID]
		if n, ok := l.site[f.ID]; ok {
			f.Line, f.Site = n, true
		}
	}
	return nil
}
