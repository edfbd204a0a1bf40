package morph

import (
	"iter"

	"github.com/ikawaha/kagome-dict/dict/trie"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Uses is the set of ways in which the dictionaries know a word; 0 is a word
// that they do not hold.
type Uses uint8

// The uses of a word.
const (
	FamilyName Uses = 1 << iota // 人名,姓
	GivenName                   // 人名,名
	PersonName                  // 人名,一般
	PlaceName                   // 地域
	ProperName                  // an organisation or another proper noun
	CommonWord                  // another noun
	OtherWord                   // anything else: a verb form, an adverb, a particle
)

func usesOf(pos voc.POS, last string) Uses {
	switch pos {
	case voc.NounPerson:
		switch last {
		case "姓":
			return FamilyName
		case "名":
			return GivenName
		}
		return PersonName
	case voc.NounPlace:
		return PlaceName
	case voc.NounProper, voc.NounOrg:
		return ProperName
	default:
		if pos.IsNoun() || pos == voc.NounSuffix {
			return CommonWord
		}
		return OtherWord
	}
}

// Prefix is a word that a text begins with: its first Len bytes.
type Prefix struct {
	Len  int
	Uses Uses
}

// maxPrefixes bounds what Prefixes returns: no word of up to five kanji has
// more words among its beginnings.
const maxPrefixes = 8

// Prefixes returns the words of the IPA dictionary that text, which is
// normalised, begins with, shorter ones first, and their number. It does not
// look at what stands around them.
func (a *Analyzer) Prefixes(text string) (found [maxPrefixes]Prefix, n int) {
	w, at := a.words, 0
	for i := 0; i < len(text) && n < len(found); i++ {
		var id int
		if at, id = step(w.index, at, text[i]); at < 0 {
			break
		}
		if id >= 0 {
			found[n] = Prefix{Len: i + 1, Uses: w.uses(id)}
			n++
		}
	}
	return found, n
}

// Uses returns how the IPA dictionary or the user dictionary knows word, which
// is normalised.
func (a *Analyzer) Uses(word string) Uses {
	w := a.words
	var u Uses
	if id := find(w.index, word); id >= 0 {
		u = w.uses(id)
	}
	if id := find(w.overlayIndex, word); id >= 0 {
		for ; id < len(w.overlay) && w.overlay[id].surface == word; id++ {
			u |= w.overlay[id].kind.uses
		}
	}
	return u
}

func (w *words) uses(id int) Uses {
	var u Uses
	for k := range int(w.dups[id]) + 1 {
		u |= w.kinds[id+k].uses
	}
	return u
}

// find returns the entry of word, −1 if there is none.
func find(da trie.DoubleArray, word string) int {
	at, id := 0, -1
	for i := range len(word) {
		if at, id = step(da, at, word[i]); at < 0 {
			return -1
		}
	}
	return id
}

// step goes from node at over byte c. next is −1 if there is no way; entry is
// what ends at next, −1 for nothing.
func step(da trie.DoubleArray, at int, c byte) (next, entry int) {
	if at >= len(da) {
		return -1, -1
	}
	next = int(da[at].Base) + int(c)
	if next < 0 || next >= len(da) || int(da[next].Check) != at {
		return -1, -1
	}
	if end := int(da[next].Base); end >= 0 && end < len(da) && int(da[end].Check) == next && da[end].Base <= 0 {
		return next, int(-da[end].Base)
	}
	return next, -1
}

// Names yields the family and given names of the IPA dictionary: how they are
// written, and the entry's reading in katakana.
func (a *Analyzer) Names() iter.Seq2[Name, Uses] {
	return func(yield func(Name, Uses) bool) {
		w := a.words
		for id, k := range w.kinds {
			if k.uses&(FamilyName|GivenName) == 0 || len(w.contents[id]) <= readingColumn {
				continue
			}
			c := w.contents[id]
			if !yield(Name{Surface: c[baseColumn], Reading: c[readingColumn]}, k.uses) {
				return
			}
		}
	}
}

// Name is a name of a person.
type Name struct{ Surface, Reading string }
