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

// use tells what a word of the trie stands for by itself: the entries that it
// can begin or be. The uses of a word lie one after the other, so that a word
// that is found costs one look into far memory. A word that stands only in the
// middle of patterns has one that says nothing.
type use struct {
	aspect     int32 // index of the aspect term, −1: none
	evaluation int32
	procedure  int32
	concepts   int32 // the first of them in words.concepts
	patterns   int32 // the first of them in words.begins
	nConcepts  uint16
	nPatterns  uint16
	negated    bool // only where the word is negated
	short      bool // the word is too short to be found inside of a token
	last       bool // of its word
}

// begin is a pattern that an element begins.
type begin struct {
	pattern int32 // of the lexicon
	next    int32 // element that must stand after it, −1: none
}

// choice is one of the words that an element is.
type choice struct {
	word    int32 // value in the trie
	negated bool  // only where the word is negated
}

// words is every word of the dictionary with what it stands for.
type words struct {
	trie     *trie
	uses     []use // the value of a word is the index of its first
	concepts []int16
	begins   []begin
	choices  [][]choice // by element, of those that patterns look for

	build *building // nil once sealed
}

// building is what is known of words while entries are added.
type building struct {
	elements map[string]int32
	byElem   []meanings
	words    int // values that the trie has given
	short    []bool
}

// meanings are the entries that an element can begin or be.
type meanings struct {
	words      []choice // values that the trie gave while it was built
	aspect     int32    // index of the aspect term, −1: none
	evaluation int32
	procedure  int32
	concepts   []int16 // of the lexicon's concepts, those that the word is of
	patterns   []int32 // indices into lexicon.patterns that begin with it
}

func (m *meanings) use() use {
	return use{aspect: m.aspect, evaluation: m.evaluation, procedure: m.procedure, nConcepts: uint16(len(m.concepts)), nPatterns: uint16(len(m.patterns))}
}

func newWords() *words {
	return &words{trie: newTrie(), build: &building{elements: map[string]int32{}}}
}

// seal lays out what was added, for reading.
func (w *words) seal(patterns []owned) {
	b := w.build
	byWord := make([][]use, b.words)
	for i := range b.byElem {
		m := &b.byElem[i]
		u := m.use()
		if u == (use{aspect: -1, evaluation: -1, procedure: -1}) {
			continue
		}
		u.concepts, u.patterns = int32(len(w.concepts)), int32(len(w.begins))
		w.concepts = append(w.concepts, m.concepts...)
		for _, p := range m.patterns {
			w.begins = append(w.begins, begin{p, patterns[p].next()})
		}
		for _, c := range m.words {
			u.negated, u.short = c.negated, b.short[c.word]
			byWord[c.word] = append(byWord[c.word], u)
		}
	}
	first := make([]int32, len(byWord))
	for v, list := range byWord {
		first[v] = int32(len(w.uses))
		if len(list) == 0 {
			list = []use{{aspect: -1, evaluation: -1, procedure: -1, short: b.short[v]}}
		}
		list[len(list)-1].last = true
		w.uses = append(w.uses, list...)
	}
	w.choices = make([][]choice, len(b.byElem))
	for _, p := range patterns {
		for _, e := range p.elements[1:] {
			if w.choices[e.id] == nil {
				for _, c := range b.byElem[e.id].words {
					w.choices[e.id] = append(w.choices[e.id], choice{first[c.word], c.negated})
				}
			}
		}
	}
	w.build = nil
	w.trie.freeze(first)
}

// next is the second element that must occur, −1: none.
func (p *pattern) next() int32 {
	for _, e := range p.elements[1:] {
		if !e.absent {
			return e.id
		}
	}
	return -1
}

const minInside = 4 // runes of a word that may begin or end inside of a token

// element interns the alternatives of one place of a pattern.
func (w *words) element(alternatives string) (int32, error) {
	b := w.build
	if id, ok := b.elements[alternatives]; ok {
		return id, nil
	}
	m := meanings{aspect: -1, evaluation: -1, procedure: -1}
	for alt := range strings.SplitSeq(alternatives, "|") {
		word, negated := strings.CutSuffix(strings.TrimSpace(alt), "~")
		if word == "" {
			return 0, fmt.Errorf("an alternative of %q is empty", alternatives)
		}
		n := utf8.RuneCountInString(word)
		short := n < minInside || n == minInside && hiragana(word)
		v := w.trie.add(strings.ToLower(word), !short, int32(b.words))
		if int(v) == b.words {
			b.words++
			b.short = append(b.short, short)
		}
		m.words = append(m.words, choice{v, negated})
	}
	id := int32(len(b.byElem))
	b.elements[alternatives] = id
	b.byElem = append(b.byElem, m)
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
