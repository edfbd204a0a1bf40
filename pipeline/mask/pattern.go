package mask

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/koe-voc/koe/dict"
)

// pattern is a site's own kind of personal data.
type pattern struct {
	kind  Kind
	match *regexp.Regexp
}

// newPatterns reads mask_patterns.tsv.
func newPatterns(d *dict.Set) ([]pattern, error) {
	table, err := d.Table("mask_patterns.tsv")
	if err != nil {
		return nil, err
	}
	out := make([]pattern, 0, len(table.Rows))
	for _, r := range table.Rows {
		fail := func(what string) error {
			return fmt.Errorf("dictionary file %s line %d (%s): %s", table.Name, r.Line, r.ID(), what)
		}
		k := Kind(r.Get("kind"))
		if !slices.Contains(Kinds(), k) {
			return nil, fail(fmt.Sprintf("unknown kind %q; write one of %v", k, Kinds()))
		}
		re, err := regexp.Compile("(?i)" + r.Get("pattern"))
		if err != nil {
			return nil, fail("the pattern is no regular expression: " + err.Error())
		}
		if re.MatchString("") {
			return nil, fail("the pattern matches the empty text; it would mask nothing or everything")
		}
		out = append(out, pattern{k, re})
	}
	return out, nil
}

// custom takes what a site's patterns match: their first group if they have
// one.
func (s *search) custom() {
	for _, p := range s.patterns {
		for _, m := range p.match.FindAllStringSubmatchIndex(s.text, -1) {
			from, to := m[0], m[1]
			if len(m) > 2 && m[2] >= 0 {
				from, to = m[2], m[3]
			}
			if from < to {
				s.add(from, to, p.kind)
			}
		}
	}
}
