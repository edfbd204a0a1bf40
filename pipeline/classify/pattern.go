package classify

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxGap is how many tokens may lie between two words of a pattern that are
// parted by a space: a particle, an adverb and its particle, an auxiliary.
const maxGap = 5

// element is one place of a pattern: any of its words.
type element struct {
	far    bool // any distance from the element before
	absent bool // may not occur in the sentence
	id     int32
}

// pattern is a sequence of elements; the first is never absent.
type pattern struct {
	elements []element
}

// use tells what a word of the trie stands for.
type use struct {
	element int32
	negated bool // only where the word is negated
}

// words is every word of the dictionary with the elements it belongs to.
type words struct {
	trie     *trie
	uses     [][]use // by value of the trie
	short    []bool  // by value: too short to be found inside of a token
	elements map[string]int32
	byElem   []meanings
}

// meanings are the entries that an element can begin or be.
type meanings struct {
	aspect     int32 // index of the aspect term, −1: none
	evaluation int32
	procedure  int32
	concepts   []int16 // of the lexicon's concepts, those that the word is of
	patterns   []int32 // indices into lexicon.patterns that begin with it
}

func newWords() *words { return &words{trie: newTrie(), elements: map[string]int32{}} }

const minInside = 4 // runes of a word that may begin or end inside of a token

// element interns the alternatives of one place of a pattern.
func (w *words) element(alternatives string) (int32, error) {
	if id, ok := w.elements[alternatives]; ok {
		return id, nil
	}
	id := int32(len(w.byElem))
	for alt := range strings.SplitSeq(alternatives, "|") {
		word, negated := strings.CutSuffix(strings.TrimSpace(alt), "~")
		if word == "" {
			return 0, fmt.Errorf("an alternative of %q is empty", alternatives)
		}
		n := utf8.RuneCountInString(word)
		short := n < minInside || n == minInside && hiragana(word)
		v := w.trie.add(strings.ToLower(word), !short, int32(len(w.uses)))
		if int(v) == len(w.uses) {
			w.uses = append(w.uses, nil)
			w.short = append(w.short, short)
		}
		w.uses[v] = append(w.uses[v], use{id, negated})
	}
	w.elements[alternatives] = id
	w.byElem = append(w.byElem, meanings{aspect: -1, evaluation: -1, procedure: -1})
	return id, nil
}

// hiragana reports words that could be the seam of two others.
func hiragana(s string) bool {
	for _, r := range s {
		if r < 'ぁ' || r > 'ゖ' {
			return false
		}
	}
	return true
}

// parse reads the patterns of a cell; " / " parts them.
func (w *words) parse(cell string) ([]pattern, error) {
	var out []pattern
	for text := range strings.SplitSeq(cell, " / ") {
		p, err := w.one(text)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func (w *words) one(text string) (pattern, error) {
	var p pattern
	far := false
	for f := range strings.FieldsSeq(text) {
		if f == "…" {
			far = true
			continue
		}
		rest, absent := strings.CutPrefix(f, "-")
		if len(p.elements) == 0 && (absent || far) {
			return p, errors.New("a pattern begins with a word that must occur")
		}
		id, err := w.element(rest)
		if err != nil {
			return p, err
		}
		p.elements = append(p.elements, element{far: far, absent: absent, id: id})
		far = false
	}
	if len(p.elements) == 0 {
		return p, errors.New("the pattern is empty")
	}
	return p, nil
}
