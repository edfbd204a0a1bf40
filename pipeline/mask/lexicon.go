package mask

import (
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/morph"
)

// Dictionary knows words and names.
type Dictionary interface {
	// Prefixes returns the known words that text begins with, shorter ones first.
	Prefixes(text string) ([8]morph.Prefix, int)
	// Uses returns how a word is known, 0 if it is not.
	Uses(word string) morph.Uses
	// Names yields the names of persons.
	Names() iter.Seq2[morph.Name, morph.Uses]
}

// other are the uses that speak against a name.
const other = morph.CommonWord | morph.OtherWord | morph.PlaceName | morph.ProperName

// placeUse is a word that may name a place.
const placeUse = morph.PlaceName | morph.ProperName

// trust is how sure it is that a word is a family name.
type trust uint8

const (
	noFamily  trust = iota
	shortName       // listed, of one kanji
	weakName        // of the dictionary, also another word
	rareName        // of the dictionary
	placeName       // listed, a place or a firm rather than a person
	bothName        // listed as both
	sureName        // listed
)

// lexicon is what is known of names. It is immutable.
type lexicon struct {
	words    Dictionary
	families map[string]trust   // of mask_names.tsv
	lacking  map[rune][]string  // of these the ones that words does not hold, by first rune
	given    map[rune]uint8     // characters of given names, by how many names have them
	readings map[string]reading // by katakana
	folded   map[string]reading // by katakana without long vowels
	foreign  map[string]bool
	latin    map[string]string // katakana of Latin syllables
	opens    *openings         // of family names
}

// reading tells whose reading a row of katakana is.
type reading uint8

const (
	familyReading reading = 1 << iota
	givenReading
	listedReading // of a family name that mask_names.tsv lists
)

// oftenGiven is in how many given names of the dictionary a character stands
// to be one of given names.
const oftenGiven = 2

// newLexicon reads the dictionary's names and mask_names.tsv. Words of the
// roles known, brand and never go to c.
func newLexicon(d *dict.Set, words Dictionary, c *cues) (*lexicon, error) {
	l := &lexicon{
		words: words, families: map[string]trust{}, lacking: map[rune][]string{}, given: map[rune]uint8{},
		readings: map[string]reading{}, folded: map[string]reading{}, foreign: map[string]bool{}, latin: syllables(), opens: &openings{},
	}
	table, err := d.Table("mask_names.tsv")
	if err != nil {
		return nil, err
	}
	for _, r := range table.Rows {
		for _, w := range r.List("words") {
			if !l.list(r.Get("role"), morph.Normalize(w).Text, c) {
				return nil, fmt.Errorf("dictionary file %s line %d: unknown role %q; write surname, place, short, kanji, given, foreign, known, brand or never", table.Name, r.Line, r.Get("role"))
			}
		}
	}
	for name, u := range words.Names() {
		switch {
		case u&morph.FamilyName != 0:
			if utf8.RuneCountInString(name.Surface) > 1 { // one kanji that is not listed is no name by itself
				l.opens.add(name.Surface)
			}
			l.read(name.Reading, familyReading)
			if l.families[name.Surface] > shortName {
				l.read(name.Reading, listedReading)
			}
		default:
			l.read(name.Reading, givenReading)
			for _, r := range name.Surface {
				l.given[r] = min(l.given[r]+1, oftGiven)
			}
		}
	}
	for w := range l.families {
		l.opens.add(w)
		if words.Uses(w)&morph.FamilyName == 0 {
			r, _ := utf8.DecodeRuneInString(w)
			l.lacking[r] = append(l.lacking[r], w)
		}
	}
	return l, nil
}

// list takes a word of mask_names.tsv; ok is false for an unknown role.
func (l *lexicon) list(role, word string, c *cues) (ok bool) {
	switch role {
	case "surname":
		l.families[word] = both(l.families[word], sureName)
	case "place":
		l.families[word] = both(l.families[word], placeName)
	case "short":
		l.families[word] = max(l.families[word], shortName)
	case "kanji":
		for _, r := range word {
			l.given[r] = oftGiven
		}
	case "given":
		l.read(word, givenReading)
	case "foreign":
		l.foreign[word] = true
	case "known":
		c.add(word, cueKnown)
	case "brand":
		c.add(word, cueBrand)
	case "never":
		c.add(word, cueNever)
	default:
		return false
	}
	return true
}

func both(had, has trust) trust {
	if had > weakName && had != has {
		return bothName
	}
	return has
}

func (l *lexicon) read(katakana string, r reading) {
	// One kana is the reading of some names, and of no use.
	if utf8.RuneCountInString(katakana) >= 2 {
		l.readings[katakana] |= r
		l.folded[fold(katakana)] |= r
	}
}

// reading returns whose reading a row of kana is.
func (l *lexicon) reading(kana string) reading {
	if strings.Contains(kana, "ー") {
		return l.folded[fold(kana)]
	}
	if r, _ := utf8.DecodeRuneInString(kana); r < 'ァ' {
		kana = katakanaOf(kana)
	}
	return l.readings[kana]
}

// family returns how sure it is that word is a family name; u is how the
// dictionary knows it.
func (l *lexicon) family(word string, u morph.Uses) trust {
	if u&morph.FamilyName == 0 {
		if r, _ := utf8.DecodeRuneInString(word); l.lacking[r] == nil {
			return noFamily
		}
	}
	if t, listed := l.families[word]; listed {
		return t
	}
	switch {
	case u&morph.FamilyName == 0:
		return noFamily
	case len(word) <= len("林"), u&(morph.CommonWord|morph.OtherWord|morph.PersonName) != 0:
		return weakName
	}
	return rareName
}

// familyOf is family for a whole word.
func (l *lexicon) familyOf(word string) trust { return l.family(word, l.words.Uses(word)) }

// surname is a family name at the beginning of a text: its length.
type surname struct {
	len   int
	trust trust
}

// surnames returns the family names that text begins with, longest first, and
// how many. A name that a longer word of another kind goes beyond is none:
// 高田 in 高田馬場.
func (l *lexicon) surnames(text string) (found [4]surname, n int) {
	if !l.opens.may(text) {
		return found, 0
	}
	words, known := l.words.Prefixes(text)
	for i := known - 1; i >= 0 && n < len(found); i-- {
		w := words[i]
		t := l.family(text[:w.Len], w.Uses)
		switch {
		case t == weakName && w.Len <= len("林"):
		case t != noFamily:
			found[n] = surname{w.Len, t}
			n++
		case n == 0 && w.Uses&(morph.PlaceName|morph.ProperName|morph.CommonWord|morph.PersonName) != 0 && w.Len > len("林") && w.Uses&morph.GivenName == 0:
			return l.lacked(text, found, n)
		}
	}
	return l.lacked(text, found, n)
}

// openings are the first two runes of words, by a hash that some others share:
// most texts are told from all words without a look into the dictionary. A word
// of one rune opens with that rune alone.
type openings struct {
	pairs  [1 << (openingBits - 6)]uint64
	single [1 << (openingBits - 6)]uint64
}

const openingBits = 18 // 32 kB hold a few tens of thousands of pairs

func (o *openings) add(word string) {
	a, n := utf8.DecodeRuneInString(word)
	if n == len(word) {
		h := openingHash(a, 0)
		o.single[h>>6] |= 1 << (h & 63)
		return
	}
	b, _ := utf8.DecodeRuneInString(word[n:])
	h := openingHash(a, b)
	o.pairs[h>>6] |= 1 << (h & 63)
}

// may reports whether a word may be what text begins with.
func (o *openings) may(text string) bool {
	a, n := utf8.DecodeRuneInString(text)
	if h := openingHash(a, 0); o.single[h>>6]>>(h&63)&1 != 0 {
		return true
	}
	b, _ := utf8.DecodeRuneInString(text[n:])
	h := openingHash(a, b)
	return o.pairs[h>>6]>>(h&63)&1 != 0
}

func openingHash(a, b rune) uint32 {
	return (uint32(a)*0x9e3779b1 ^ uint32(b)) * 0x85ebca6b >> (32 - openingBits)
}

func (l *lexicon) lacked(text string, found [4]surname, n int) ([4]surname, int) {
	r, _ := utf8.DecodeRuneInString(text)
	for _, w := range l.lacking[r] {
		if n < len(found) && strings.HasPrefix(text, w) {
			found[n] = surname{len(w), l.families[w]}
			n++
		}
	}
	return found, n
}

// oftGiven is in how many given names of the dictionary a character stands
// that makes an unknown word a given name behind a rare family name.
const oftGiven = 8

// strong reports whether every character of a word is often one of given names.
func (l *lexicon) strong(word string) bool {
	for _, r := range word {
		if l.given[r] < oftGiven {
			return false
		}
	}
	return true
}

// allGiven reports whether every character of a word is one of given names.
func (l *lexicon) allGiven(word string) bool {
	for _, r := range word {
		if l.given[r] < oftenGiven {
			return false
		}
	}
	return true
}
