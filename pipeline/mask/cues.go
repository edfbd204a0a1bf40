package mask

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/morph"
)

// cueRole is what a cue of mask_cues.tsv says about what stands beside it.
type cueRole uint8

const (
	noCue      cueRole = iota
	cueTitle           // title: a name stands before it (様, さん, 課長)
	cueNameIs          // name_is: a name stands before it (と申します)
	cueForm            // form: a label of a form, a name stands behind it (氏名:)
	cueName            // name: a name stands behind it (担当の)
	cuePhone           // phone: a telephone number stands behind it
	cueCard            // card
	cuePostal          // postal
	cueAccount         // account: a number or code that names a customer stands behind it
	cueBank            // bank: seven digits stand behind it (普通, 当座)
	cueBirth           // birth: a birth date stands behind it
	cueBorn            // born: a birth date stands before it (生まれ)
	cueThing           // thing: a number of a thing stands behind it (型番, 注文番号)
	cueDated           // dated: another date stands behind it (発行日)
	cueNobody          // nobody: looks like a name with a title and is none (お客様)
	cueAt              // at: a mail address is read aloud (アットマーク)
	cueHead            // head: a name may begin right behind it, inside a row of kanji (昨日, 夫)
	cueAct             // act: what staff do; a bare family name stands before it (が対応, へ転送)
	cueTail            // tail: kanji that may stand right behind a full name (名義, 本人)
	cueGreet           // greet: who speaks says the name next (もしもし, お世話になっております)
	cueSign            // sign: a signature stands behind it (敬具)
	cueLive            // live: an address stands behind it (住所, お届け先)
	cueKnown           // of mask_names.tsv, known: a known person, a name only before 様
	cueNever           // of mask_names.tsv, never: no personal data
)

func roles() map[string]cueRole {
	return map[string]cueRole{
		"title": cueTitle, "name_is": cueNameIs, "form": cueForm, "name": cueName, "phone": cuePhone, "card": cueCard, "postal": cuePostal,
		"account": cueAccount, "bank": cueBank, "birth": cueBirth, "born": cueBorn, "thing": cueThing, "dated": cueDated,
		"nobody": cueNobody, "at": cueAt, "head": cueHead, "act": cueAct, "tail": cueTail, "greet": cueGreet, "sign": cueSign, "live": cueLive,
	}
}

// hit is a cue in a text: bytes [from, to).
type hit struct {
	from, to int
	role     cueRole
}

// cues finds all cues in one pass.
type cues struct {
	first   map[rune][]cue  // by first rune
	begins  [1 << 10]uint64 // bits of the first runes below 2^16
	longest int             // bytes of the longest cue
}

type cue struct {
	word string
	role cueRole
}

func newCues(d *dict.Set) (*cues, error) {
	c := &cues{first: map[rune][]cue{}}
	table, err := d.Table("mask_cues.tsv")
	if err != nil {
		return nil, err
	}
	known := roles()
	for _, r := range table.Rows {
		role, ok := known[r.Get("role")]
		if !ok {
			return nil, fmt.Errorf("dictionary file %s line %d: unknown role %q; write one of %s", table.Name, r.Line, r.Get("role"), strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		for _, w := range r.List("words") {
			c.add(w, role)
		}
	}
	return c, nil
}

func (c *cues) add(word string, role cueRole) {
	w := morph.Normalize(word).Text
	if w == "" {
		return
	}
	r, _ := utf8.DecodeRuneInString(w)
	c.first[r] = append(c.first[r], cue{w, role})
	if r < 1<<16 {
		c.begins[r>>6] |= 1 << (r & 63)
	}
	c.longest = max(c.longest, len(w))
}

// find appends the cues of text to out, in the order of their beginnings. A
// cue in Latin letters is a whole word: OP is none in "pop".
func (c *cues) find(text string, out []hit) []hit {
	for i, r := range text {
		if r < 1<<16 && c.begins[r>>6]&(1<<(r&63)) == 0 {
			continue
		}
		for _, q := range c.first[r] {
			if !strings.HasPrefix(text[i:], q.word) || isLetter(r) && i > 0 && isLetter(rune(text[i-1])) {
				continue
			}
			out = append(out, hit{i, i + len(q.word), q.role})
		}
	}
	return out
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' }
