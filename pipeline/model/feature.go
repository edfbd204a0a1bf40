package model

// Feature is the hash of one fact about the thing that is classified.
type Feature uint32

// The constants of FNV-1a of 32 bits.
const (
	offset32 = 2166136261
	prime32  = 16777619
)

// Hash returns the FNV-1a hash of a word, from which With and Pair make
// features without reading the word again: the same everywhere, so a model
// trained elsewhere means the same.
func Hash(word string) uint32 {
	h := uint32(offset32)
	for i := range len(word) {
		h = (h ^ uint32(word[i])) * prime32
	}
	return h
}

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
