package lint

import (
	"strings"
	"unicode/utf8"

	"github.com/koe-voc/koe/dict"
)

// minInside is the runes of a word that is found anywhere in a text; shorter
// ones, and those of as many hiragana, must begin and end where a token does.
const minInside = 4

// often is how many times a word must stand in the sample, never as whole
// tokens, before it is taken for one that the tokeniser never yields.
const often = 5

// occurrence is how a short word stands in the sample.
type occurrence struct {
	seen  int  // as letters
	whole bool // at least once as whole tokens or as their dictionary forms
}

// unfound finds short terms that stand in the sample, but never where a token
// begins and ends.
func (c *checker) unfound(t *dict.Table) {
	words := map[string]*occurrence{}
	short := func(r dict.Row, visit func(word string)) {
		for word := range strings.SplitSeq(r.Get("term"), "|") {
			word = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(word), "~"))
			n := utf8.RuneCountInString(word)
			if n > 0 && (n < minInside || n == minInside && strings.IndexFunc(word, func(r rune) bool { return !hiragana(r) }) < 0) {
				visit(word)
			}
		}
	}
	for _, r := range t.Rows {
		short(r, func(word string) { words[word] = &occurrence{} })
	}
	for _, text := range c.sample {
		c.look(words, text)
	}
	for _, r := range t.Rows {
		short(r, func(word string) {
			if o := words[word]; o.seen >= often && !o.whole {
				c.add(t, r, Warning, unreachable, "write what stands around it too, or add it to userdict.tsv",
					"%q stands %d times in the sample, but never as a word of the tokeniser, and it is too short to be found inside of one", word, o.seen)
			}
		})
	}
}

// look notes the short words that stand in a text.
func (c *checker) look(words map[string]*occurrence, text string) {
	begins, ends := map[int]bool{}, map[int]bool{}
	var form []byte
	tokens := c.words.Tokenize(text)
	for i, t := range tokens {
		begins[t.Span.From], ends[t.Span.To] = true, true
		form = form[:0]
		for k := i; k < len(tokens) && k < i+minInside; k++ {
			form = append(form, tokens[k].Base...)
			if o := words[string(form)]; o != nil {
				o.seen++
				o.whole = true
			}
		}
	}
	for from := range text {
		to := from
		for range minInside {
			_, size := utf8.DecodeRuneInString(text[to:])
			to += size
			if o := words[text[from:to]]; o != nil {
				o.seen++
				o.whole = o.whole || begins[from] && ends[to]
			}
			if to == len(text) {
				break
			}
		}
	}
}
