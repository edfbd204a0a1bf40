package eval

import (
	"cmp"
	"slices"
)

// Secret is a stretch of personal data: code points of the text, half open.
type Secret struct {
	Start, End int
	Kind       string
}

// MaskCase is one text with the personal data in it and what was masked.
type MaskCase struct {
	ID          string
	Runes       int
	Gold, Found []Secret
	Ignore      []Secret // counts neither way
}

// KindRecall is how much of one kind of personal data was masked.
type KindRecall struct {
	Kind    string `json:"kind"`
	Covered Share  `json:"covered"` // spans of which every character was masked, by whatever kind
	Named   Share  `json:"named"`   // of those, masked under their own kind
}

// MaskReport tells what a masker finds and what it masks too much.
type MaskReport struct {
	Kinds  []KindRecall `json:"kinds"`            // by name
	All    Share        `json:"all"`              // spans wholly covered
	Over   int          `json:"over"`             // masked characters that are no personal data
	Runes  int          `json:"runes"`            // characters that are no personal data
	Leaked []string     `json:"leaked,omitempty"` // ids of the texts with an uncovered span, in order
}

// OverRate is the number of masked characters in 10,000 that are no personal
// data.
func (r MaskReport) OverRate() float64 { return 10000 * ratio(r.Over, r.Runes) }

// MaskScore compares spans.
func MaskScore(cases []MaskCase) MaskReport {
	var out MaskReport
	kinds := map[string]*KindRecall{}
	for i := range cases {
		c := &cases[i]
		leaked := false
		for _, g := range c.Gold {
			k := kinds[g.Kind]
			if k == nil {
				k = &KindRecall{Kind: g.Kind}
				kinds[g.Kind] = k
			}
			ok := covered(g, c.Found)
			k.Covered.count(ok)
			out.All.count(ok)
			leaked = leaked || !ok
			if ok {
				k.Named.count(slices.ContainsFunc(c.Found, func(f Secret) bool { return f.Kind == g.Kind && f.Start < g.End && g.Start < f.End }))
			}
		}
		if leaked {
			out.Leaked = append(out.Leaked, c.ID)
		}
		for at := range c.Runes {
			if inside(at, c.Gold) || inside(at, c.Ignore) {
				continue
			}
			out.Runes++
			if inside(at, c.Found) {
				out.Over++
			}
		}
	}
	for _, k := range kinds {
		out.Kinds = append(out.Kinds, *k)
	}
	slices.SortFunc(out.Kinds, func(a, b KindRecall) int { return cmp.Compare(a.Kind, b.Kind) })
	return out
}

func covered(g Secret, found []Secret) bool {
	for at := g.Start; at < g.End; at++ {
		if !inside(at, found) {
			return false
		}
	}
	return true
}

func inside(at int, spans []Secret) bool {
	return slices.ContainsFunc(spans, func(s Secret) bool { return s.Start <= at && at < s.End })
}
