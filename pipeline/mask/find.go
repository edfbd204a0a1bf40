package mask

import (
	"regexp"

	"github.com/koe-voc/koe/dict"
)

// found is a stretch of personal data: bytes of the original text.
type found struct {
	From, To int
	Kind     Kind
}

type finder struct{ words Tokenizer }

func newFinder(_ *dict.Set, words Tokenizer) (*finder, error) { return &finder{words}, nil }

var mail = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)

// spans returns what is personal in text, in order, without overlaps.
func (f *finder) spans(text string) []found {
	var out []found
	for _, m := range mail.FindAllStringIndex(text, -1) {
		out = append(out, found{m[0], m[1], Email})
	}
	return out
}
