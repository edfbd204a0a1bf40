package segment

import (
	"errors"
	"fmt"
)

// inversion puts the words of the texts of a batch in order of words. It counts
// them, and then each place of a word has its place in an array.
type inversion struct {
	vocabulary *Vocabulary
	slots      []uint32 // number of the word to its place in used, plus 1; 0: not in the batch
	used       []used
	texts      []text
	terms      []term  // in order
	places     []place // of the first word used, the second …
}

// used is a word that the batch has.
type used struct {
	number uint32 // in the vocabulary
	n      uint32 // times it stands there; later where its places end
}

// text is what a document gave.
type text struct {
	doc   uint32
	words []Word
}

// place is one standing of a word.
type place struct {
	doc      uint32
	position uint32
	length   uint32 // words of the document: bleve's norm
}

// add takes in a text. Documents come in order.
func (x *inversion) add(doc uint32, v *Vocabulary, words []Word) error {
	if x.vocabulary == nil {
		x.vocabulary = v
		x.slots = resize(x.slots, v.Len()) // all 0, see reset
	}
	if v != x.vocabulary || v == nil {
		return errors.New("its words are numbers of another vocabulary")
	}
	for _, w := range words {
		if int(w.Number) >= len(x.slots) {
			return fmt.Errorf("word %d of a vocabulary of %d", w.Number, len(x.slots))
		}
		at := x.slots[w.Number]
		if at == 0 {
			x.used = append(x.used, used{number: w.Number})
			at = uint32(len(x.used)) //nolint:gosec // a count of words
			x.slots[w.Number] = at
		}
		x.used[at-1].n++
	}
	x.texts = append(x.texts, text{doc, words})
	return nil
}

// group puts the words in order, and their places by word, document and
// position.
func (x *inversion) group() {
	x.terms = x.terms[:0]
	from := uint32(0)
	for i := range x.used {
		u := &x.used[i]
		x.terms = append(x.terms, newTerm(x.vocabulary.words[u.number], from, from+u.n))
		from, u.n = from+u.n, from
	}
	x.places = resize(x.places, int(from))
	for _, t := range x.texts {
		length := uint32(len(t.words)) //nolint:gosec // a count of words
		for _, w := range t.words {
			u := &x.used[x.slots[w.Number]-1]
			x.places[u.n] = place{t.doc, w.Position, length}
			u.n++
		}
	}
	sortTerms(x.terms)
}

func (x *inversion) reset() {
	for _, u := range x.used {
		x.slots[u.number] = 0
	}
	clear(x.texts)
	clear(x.terms)
	x.vocabulary, x.used, x.texts, x.terms = nil, x.used[:0], x.texts[:0], x.terms[:0]
}

// writeWords writes the posting lists of the text: in each document how often a
// word stands there, the document's length, and the positions.
func (w *writer) writeWords() error {
	x, l := &w.words, &w.list
	x.group()
	number := w.text.number
	for i := range x.terms {
		t := &x.terms[i]
		places := x.places[t.from:t.to]
		l.begin(documents(places))
		for len(places) > 0 {
			doc, n := places[0].doc, 1
			for n < len(places) && places[n].doc == doc {
				n++
			}
			l.document(doc)
			l.freqs = put(l.freqs, uint64(n)<<1|1) // 1: there are positions
			l.freqs = put(l.freqs, uint64(places[0].length))
			l.positions(number, places[:n])
			places = places[n:]
		}
		var address uint64
		var err error
		if w.out, address, err = l.end(w.out); err != nil {
			return err
		}
		w.terms.insert(t.text, address)
	}
	return nil
}

// documents counts the documents of places.
func documents(places []place) int {
	n := 1
	for i := 1; i < len(places); i++ {
		if places[i].doc != places[i-1].doc {
			n++
		}
	}
	return n
}
