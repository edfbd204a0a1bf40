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
	cueWork            // work: what known persons make stands behind them (の新刊, のライブ)
	cueStaff           // staff: a listed family name may stand right before it (添乗員, SE)
	cueOrder           // order: a code that names a customer's contract or transaction may stand behind it (ご契約, 伝票)
	cueReach           // reach: a number at which a person is called stands behind it (ご連絡先)
	cueBrand           // of mask_names.tsv, brand: a firm that is read like a family name
	cueLive            // live: an address stands behind it (住所, お届け先)
	cueKnown           // of mask_names.tsv, known: a known person, a name only before 様
	cueNever           // of mask_names.tsv, never: no personal data
)

func roles() map[string]cueRole {
	return map[string]cueRole{
		"title": cueTitle, "name_is": cueNameIs, "form": cueForm, "name": cueName, "phone": cuePhone, "card": cueCard, "postal": cuePostal,
		"account": cueAccount, "bank": cueBank, "birth": cueBirth, "born": cueBorn, "thing": cueThing, "dated": cueDated,
		"nobody": cueNobody, "at": cueAt, "head": cueHead, "act": cueAct, "tail": cueTail, "greet": cueGreet, "sign": cueSign, "live": cueLive, "work": cueWork,
		"staff": cueStaff, "order": cueOrder, "reach": cueReach,
	}
}

// hit is a cue in a text: bytes [from, to).
type hit struct {
	from, to int
	role     cueRole
}

// cues finds all cues in one pass. Words are a tree by rune.
type cues struct {
	nodes   []cueNode
	first   map[rune]int32 // the node behind a first rune
	longest int            // bytes of the longest cue
}

// cueNode is what a row of runes leads to.
type cueNode struct {
	edges []cueEdge
	roles []cueRole // of the cues that end here
}

type cueEdge struct {
	r    rune
	node int32
}

func newCues(d *dict.Set) (*cues, error) {
	c := &cues{first: map[rune]int32{}}
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
	at := int32(-1)
	for _, r := range w {
		at = c.step(at, r)
	}
	if n := &c.nodes[at]; !slices.Contains(n.roles, role) {
		n.roles = append(n.roles, role)
	}
	c.longest = max(c.longest, len(w))
}

// step returns the node behind r, from node at or from the beginning, and makes
// it where there is none.
func (c *cues) step(at int32, r rune) int32 {
	if at < 0 {
		if next, ok := c.first[r]; ok {
			return next
		}
	} else if next := c.nodes[at].next(r); next >= 0 {
		return next
	}
	next := int32(len(c.nodes))
	c.nodes = append(c.nodes, cueNode{})
	if at < 0 {
		c.first[r] = next
	} else {
		c.nodes[at].edges = append(c.nodes[at].edges, cueEdge{r, next})
	}
	return next
}

func (n *cueNode) next(r rune) int32 {
	for _, e := range n.edges {
		if e.r == r {
			return e.node
		}
	}
	return -1
}

// match appends the cues that begin at byte i of text, whose first rune, of
// size bytes, leads to node at.
func (c *cues) match(text string, i, size int, at int32, out []hit) []hit {
	for end := i + size; ; {
		n := &c.nodes[at]
		if end == len(text) || !isLetter(rune(text[end-1])) || !isLetter(rune(text[end])) {
			for _, role := range n.roles {
				out = append(out, hit{i, end, role})
			}
		}
		if end >= len(text) || len(n.edges) == 0 {
			return out
		}
		r, w := utf8.DecodeRuneInString(text[end:])
		if at = n.next(r); at < 0 {
			return out
		}
		end += w
	}
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' }
