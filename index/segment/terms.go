package segment

import (
	"cmp"
	"slices"
	"strings"
)

// term is a term of a field, with its stretch of an array of documents or
// places.
type term struct {
	head     uint64 // the first bytes of text
	text     string
	from, to uint32
}

func newTerm(text string, from, to uint32) term {
	var head uint64
	for i := range min(len(text), 8) {
		head |= uint64(text[i]) << (56 - 8*i)
	}
	return term{head, text, from, to}
}

// sortTerms sorts by text, as a dictionary wants it. Most comparisons end with
// the first bytes, which are at hand: that takes a third off the time.
func sortTerms(terms []term) {
	slices.SortFunc(terms, func(a, b term) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		return strings.Compare(a.text, b.text)
	})
}

// resize gives s a length. Its values are those of an earlier use, or zero.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return slices.Grow(s[:0], n)[:n]
	}
	return s[:n]
}
