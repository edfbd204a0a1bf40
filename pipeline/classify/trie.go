package classify

// trie maps strings to small integers. It is built once and then only read.
type trie struct {
	next  map[uint64]int32 // node<<8 | byte
	value []int32          // by node, −1: none
	first [256]int32       // next of the root, 0: none
}

func newTrie() *trie { return &trie{next: map[uint64]int32{}, value: []int32{-1}} }

// add returns the value of s, giving it the next free one if it is new.
func (t *trie) add(s string, fresh int32) int32 {
	n := int32(0)
	for i := range len(s) {
		m := t.step(n, s[i])
		if m == 0 {
			m = int32(len(t.value))
			t.value = append(t.value, -1)
			if n == 0 {
				t.first[s[i]] = m
			} else {
				t.next[uint64(n)<<8|uint64(s[i])] = m
			}
		}
		n = m
	}
	if t.value[n] < 0 {
		t.value[n] = fresh
	}
	return t.value[n]
}

// step returns the node after n on b, 0 if there is none.
func (t *trie) step(n int32, b byte) int32 {
	if n == 0 {
		return t.first[b]
	}
	return t.next[uint64(n)<<8|uint64(b)]
}
