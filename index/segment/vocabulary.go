package segment

import "strings"

// Vocabulary numbers words. It may live over many batches: a word that is known
// costs one look into a map, and the segment writer none. It grows with every new
// word and forgets none. It is not safe for concurrent use, also not beside a
// NewUsing of documents with its numbers.
type Vocabulary struct {
	numbers map[string]uint32
	words   []string
}

// NewVocabulary makes a vocabulary in which each word that is a key of fold has
// the number of the word that it stands for.
func NewVocabulary(fold map[string]string) *Vocabulary {
	v := &Vocabulary{numbers: map[string]uint32{}}
	for word, to := range fold {
		v.numbers[word] = v.Number(to)
	}
	return v
}

// Number returns the number of a word; a new word gets the next one.
func (v *Vocabulary) Number(word string) uint32 {
	n, ok := v.numbers[word]
	if !ok {
		n = uint32(len(v.words))   //nolint:gosec // a count of words
		word = strings.Clone(word) // it may be a part of a long text
		v.numbers[word] = n
		v.words = append(v.words, word)
	}
	return n
}

// Len is how many numbers there are.
func (v *Vocabulary) Len() int { return len(v.words) }
