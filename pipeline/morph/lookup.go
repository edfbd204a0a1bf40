package morph

import (
	"iter"
	"unicode/utf8"

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
	w := a.words
	node := int32(root)
	for i, r := range text {
		if node = w.index.next(node, r); node < 0 || n == len(found) {
			break
		}
		if node < w.index.words {
			found[n] = Prefix{Len: i + utf8.RuneLen(r), Uses: w.uses(int(node))}
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
	if id := w.index.find(word); id >= 0 {
		u = w.uses(id)
	}
	if id := w.overlayIndex.find(word); id >= 0 {
		for ; ; id++ {
			u |= w.overlay[id].uses
			if w.overlay[id].last {
				break
			}
		}
	}
	return u
}

func (w *words) uses(id int) Uses {
	var u Uses
	for ; ; id++ {
		u |= w.system[id].uses
		if w.system[id].last {
			return u
		}
	}
}

// Names yields the family and given names of the IPA dictionary: how they are
// written, normalised, and the entry's reading in katakana.
func (a *Analyzer) Names() iter.Seq2[Name, Uses] {
	return func(yield func(Name, Uses) bool) {
		w := a.words
		for id := range w.system {
			e := &w.system[id]
			if e.uses&(FamilyName|GivenName) == 0 || e.readingLen == 0 {
				continue
			}
			if !yield(Name{Surface: w.base(e), Reading: w.reading(e)}, e.uses) {
				return
			}
		}
	}
}

// Name is a name of a person.
type Name struct{ Surface, Reading string }
