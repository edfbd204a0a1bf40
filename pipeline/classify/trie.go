package classify

// trie maps strings to small integers, letter by letter. It is built with add,
// then closed with freeze, and then only read.
type trie struct {
	build map[uint64]int32 // node<<32 | letter; nil once frozen
	value []int32          // by node, −1: none; nil once frozen

	first []edge // from the root, by letter below 1<<16
	edges []edge // all others: open addressing
	mask  uint64

	singles bitset // of words of one letter
	pairs   bitset // of the first two letters of all others
	triples bitset // of the first three letters of words that may begin anywhere
}

// edge is a step from one node to the next.
type edge struct {
	key   uint64 // 0: free
	next  int32  // 0: nothing goes on from there
	value int32  // of the word that ends there, −1: none
}

const plane = 1 << 16 // letters that a table by letter holds

func newTrie() *trie { return &trie{build: map[uint64]int32{}, value: []int32{-1}} }

// add returns the value of s, giving it fresh if it is new. A word that is found
// anywhere may begin inside of a token.
func (t *trie) add(s string, anywhere bool, fresh int32) int32 {
	n := int32(0)
	letters := []rune(s)
	for _, r := range letters {
		m := t.build[key(n, r)]
		if m == 0 {
			m = int32(len(t.value))
			t.value = append(t.value, -1)
			t.build[key(n, r)] = m
		}
		n = m
	}
	if len(letters) == 1 {
		t.singles.set(singleHash(letters[0]))
	} else {
		t.pairs.set(pairHash(letters[0], letters[1]))
	}
	if anywhere && len(letters) > 2 {
		t.triples.set(tripleHash(letters[0], letters[1], letters[2]))
	}
	if t.value[n] < 0 {
		t.value[n] = fresh
	}
	return t.value[n]
}

func key(n int32, r rune) uint64 { return uint64(n)<<32 | uint64(uint32(r)) }

// freeze lays the edges out for walking, at most half full. values gives the
// lasting value of each that add returned.
func (t *trie) freeze(values []int32) {
	size := uint64(16)
	for size < 2*uint64(len(t.build)) {
		size *= 2
	}
	t.first, t.edges, t.mask = make([]edge, plane), make([]edge, size), size-1
	for i := range t.first {
		t.first[i].value = -1
	}
	inner := make([]bool, len(t.value))
	for k := range t.build {
		inner[k>>32] = true
	}
	for k, n := range t.build {
		e := edge{k, n, t.value[n]}
		if e.value >= 0 {
			e.value = values[e.value]
		}
		if !inner[n] {
			e.next = 0
		}
		if k < plane {
			t.first[k] = e
			continue
		}
		i := slot(k) & t.mask
		for t.edges[i].key != 0 {
			i = (i + 1) & t.mask
		}
		t.edges[i] = e
	}
	t.build, t.value = nil, nil
}

// slot spreads keys by Fibonacci hashing (2⁶⁴/φ).
func slot(k uint64) uint64 { return k * 0x9e3779b97f4a7c15 >> 32 }

// step returns the edge from node n on r.
func (t *trie) step(n int32, r rune) edge {
	if n == 0 && uint32(r) < plane {
		return t.first[r]
	}
	k := key(n, r)
	for i := slot(k) & t.mask; ; i = (i + 1) & t.mask {
		switch e := &t.edges[i]; e.key {
		case k:
			return *e
		case 0:
			return edge{value: -1}
		}
	}
}

// bitset holds hashes: small enough to stay in the nearest memory, so that most
// places where no word begins cost nothing more.
type bitset [1 << (filterBits - 6)]uint64

const filterBits = 18

func (b *bitset) set(h uint32)      { b[h>>6] |= 1 << (h & 63) }
func (b *bitset) has(h uint32) bool { return b[h>>6]>>(h&63)&1 != 0 }

func singleHash(a rune) uint32 { return uint32(a) & (1<<filterBits - 1) }

func pairHash(a, b rune) uint32 {
	return (uint32(a)*0x9e3779b1 ^ uint32(b)) * 0x85ebca6b >> (32 - filterBits)
}

func tripleHash(a, b, c rune) uint32 {
	return ((uint32(a)*0x9e3779b1^uint32(b))*0x85ebca6b ^ uint32(c)) * 0xc2b2ae35 >> (32 - filterBits)
}
