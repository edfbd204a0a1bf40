package classify

// trie maps strings to small integers. It is built with add, then closed with
// freeze, and then only read.
type trie struct {
	build map[uint64]int32 // node<<8 | byte; nil once frozen
	value []int32          // by node, −1: none
	first [256]int32       // next of the root, 0: none

	keys []uint64 // open addressing; 0: free, which no key is
	next []int32
	mask uint64
}

func newTrie() *trie { return &trie{build: map[uint64]int32{}, value: []int32{-1}} }

// add returns the value of s, giving it fresh if it is new.
func (t *trie) add(s string, fresh int32) int32 {
	n := int32(0)
	for i := range len(s) {
		m := t.first[s[i]]
		if n != 0 {
			m = t.build[key(n, s[i])]
		}
		if m == 0 {
			m = int32(len(t.value))
			t.value = append(t.value, -1)
			if n == 0 {
				t.first[s[i]] = m
			} else {
				t.build[key(n, s[i])] = m
			}
		}
		n = m
	}
	if t.value[n] < 0 {
		t.value[n] = fresh
	}
	return t.value[n]
}

func key(n int32, b byte) uint64 { return uint64(n)<<8 | uint64(b) }

// freeze lays the edges out for step, at most half full.
func (t *trie) freeze() {
	size := uint64(16)
	for size < 2*uint64(len(t.build)) {
		size *= 2
	}
	t.keys, t.next, t.mask = make([]uint64, size), make([]int32, size), size-1
	for k, n := range t.build {
		i := slot(k) & t.mask
		for t.keys[i] != 0 {
			i = (i + 1) & t.mask
		}
		t.keys[i], t.next[i] = k, n
	}
	t.build = nil
}

// slot spreads keys by Fibonacci hashing (2⁶⁴/φ).
func slot(k uint64) uint64 { return k * 0x9e3779b97f4a7c15 >> 32 }

// step returns the node after n on b, 0 if there is none.
func (t *trie) step(n int32, b byte) int32 {
	if n == 0 {
		return t.first[b]
	}
	k := key(n, b)
	for i := slot(k) & t.mask; ; i = (i + 1) & t.mask {
		switch t.keys[i] {
		case k:
			return t.next[i]
		case 0:
			return 0
		}
	}
}
