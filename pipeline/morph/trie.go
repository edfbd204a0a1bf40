package morph

import (
	"fmt"
	"math/bits"
	"unicode/utf8"

	"github.com/ikawaha/kagome-dict/dict/trie"
)

// wordTrie holds words by their runes: the edges of all nodes in one hash table of
// which an edge takes 8 bytes. Walking over a rune is one access to memory; in
// kagome's double array it is two for each byte, and tokenising is bound by them
// (the walk took 36 % of the time; with this, tokenising is a fifth faster).
type wordTrie struct {
	slots []uint64 // node, rune and the node behind it; 0: empty
	shift uint     // of a hash to an index of slots
	words int32    // nodes below it end a word: their number is its entry
	first []int32  // by rune − firstFrom: the node behind the first rune, −1 for none
}

const (
	nodeBits = 21
	runeBits = 21
	root     = 1<<nodeBits - 1
	// The runes with a place in first: kana, CJK signs and ideographs.
	firstFrom = 0x3000
	firstTo   = 0xa000
)

// newWordTrie reads a double array of kagome's, whose entries are below words.
func newWordTrie(da trie.DoubleArray, words int) (wordTrie, error) {
	t := wordTrie{words: int32(words), first: make([]int32, firstTo-firstFrom)}
	ids := make([]int32, len(da)) // of the nodes between two runes
	edges := make([]runeEdge, 0, len(da)/2)
	if len(ids) > 0 {
		ids[0] = root
	}
	next := t.words
	for i := 1; i < len(da); i++ {
		r, from := lastRune(da, i)
		if r < 0 {
			continue
		}
		// kagome marks the end of a word by a child over the byte 0.
		if end := int(da[i].Base); end >= 0 && end < len(da) && int(da[end].Check) == i && da[end].Base <= 0 {
			ids[i] = -da[end].Base
		} else {
			ids[i] = next
			next++
		}
		edges = append(edges, runeEdge{int32(from), int32(i), r})
	}
	if next >= root {
		return t, fmt.Errorf("open dictionary: %d nodes are too many", next)
	}
	size := bits.Len(uint(2*len(edges) + 1))
	t.slots, t.shift = make([]uint64, 1<<size), uint(64-size)
	for _, e := range edges {
		t.insert(ids[e.from], e.r, ids[e.to])
	}
	for i := range t.first {
		t.first[i] = t.next(root, rune(firstFrom+i))
	}
	return t, nil
}

// runeEdge joins two nodes of a double array.
type runeEdge struct {
	from, to int32
	r        rune
}

// lastRune is the rune before node i and the node before that rune; −1 if i
// stands inside a rune, or is no node.
func lastRune(da trie.DoubleArray, i int) (r rune, from int) {
	// Nearly all runes here take three bytes; the last is looked at first.
	var b [utf8.UTFMax]byte
	for at := len(b) - 1; at >= 0; at-- {
		from = int(da[i].Check)
		if uint(from) >= uint(len(da)) {
			return -1, 0
		}
		c := i - int(da[from].Base)
		if c <= 0 || c > 0xff {
			return -1, 0
		}
		b[at] = byte(c)
		if utf8.RuneStart(b[at]) {
			r, n := utf8.DecodeRune(b[at:])
			if n != len(b)-at || r == utf8.RuneError {
				return -1, 0
			}
			return r, from
		}
		i = from
	}
	return -1, 0
}

func edge(node int32, r rune) uint64 {
	return uint64(uint32(node))<<runeBits | uint64(uint32(r))
}

// slot is where an edge is looked for first: Fibonacci hashing.
func (t *wordTrie) slot(e uint64) uint64 { return e * 0x9e3779b97f4a7c15 >> t.shift }

func (t *wordTrie) insert(node int32, r rune, next int32) {
	e := edge(node, r)
	i := t.slot(e)
	for t.slots[i] != 0 {
		i = (i + 1) & uint64(len(t.slots)-1)
	}
	t.slots[i] = e<<nodeBits | uint64(uint32(next))
}

// next goes from node over r; −1 if there is no way.
func (t *wordTrie) next(node int32, r rune) int32 {
	e := edge(node, r)
	for i := t.slot(e); ; i = (i + 1) & uint64(len(t.slots)-1) {
		s := t.slots[i]
		if s>>nodeBits == e {
			return int32(s & (1<<nodeBits - 1))
		}
		if s == 0 {
			return -1
		}
	}
}

// begin goes over the first rune of a word; −1 if none begins with r.
func (t *wordTrie) begin(r rune) int32 {
	if r >= firstFrom && r < firstTo {
		return t.first[r-firstFrom]
	}
	return t.next(root, r)
}

// find returns the entry of word, −1 if there is none.
func (t *wordTrie) find(word string) int {
	node := int32(root)
	for _, r := range word {
		if node = t.next(node, r); node < 0 {
			return -1
		}
	}
	if node >= t.words {
		return -1
	}
	return int(node)
}
