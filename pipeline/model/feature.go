package model

// Feature is the hash of one fact about the thing that is classified.
type Feature uint32

// Of hashes a fact: the kind of fact and the words that it is about. Kinds
// part facts of the same words; the hash is FNV-1a, so a model trained
// elsewhere means the same.
func Of(kind string, words ...string) Feature {
	h := uint32(offset32)
	h = add(h, kind)
	for _, w := range words {
		h = add((h^sep)*prime32, w)
	}
	return Feature(h)
}

// The constants of FNV-1a, and a byte that stands in no UTF-8 text to part
// words.
const (
	offset32 = 2166136261
	prime32  = 16777619
	sep      = 0xff
)

func add(h uint32, s string) uint32 {
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * prime32
	}
	return h
}

// Hash returns a hash of a word from which With makes features without reading
// the word again.
func Hash(word string) uint32 { return add(offset32, word) }

// With returns the feature of kind about a hashed word.
func With(kind uint32, word uint32) Feature { return Feature(mix(kind ^ word*0x9e3779b1)) }

// Pair returns the feature of kind about two hashed words in their order.
func Pair(kind, a, b uint32) Feature {
	return Feature(mix(mix(kind^a*0x9e3779b1) ^ b*0x85ebca6b))
}

// mix is the finaliser of MurmurHash3: every bit of the input moves every bit
// of the output.
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}
