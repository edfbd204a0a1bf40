package decode

// The limits of what a message may hold. A message beyond them is a dead letter
// with the reason too_large.
const (
	// MaxMessage is the size of a value in bytes: brokers are seldom set above
	// 10 MiB, and a transcript of eight hours has 1 MiB.
	MaxMessage = 16 << 20
	// MaxText is the size of one text in bytes.
	MaxText = 12 << 20
	// MaxShort is the size in bytes of a string that is not words: an id, a
	// product, the name or value of an attribute.
	MaxShort = 4 << 10
	// MaxTurns is the number of turns: eight hours of one every three seconds
	// are 9,600.
	MaxTurns = 20_000
	// MaxParts is the number of parts: the widest surveys have some hundreds of
	// questions.
	MaxParts = 2_000
	// MaxAttrs is the number of attributes, and of categories.
	MaxAttrs = 500
	// MaxDepth is the nesting of what a lenient format skips.
	MaxDepth = 64
)
