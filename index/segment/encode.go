package segment

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// A node is written from its end to its begin, which is its address: readers go
// backwards. The last byte tells the kind.
const (
	oneMove   = 1 << 7 // a node of one move that is no end of a term
	toNext    = 1 << 6 // of oneMove: to the node written before, with no value
	finalNode = 1 << 6 // of the others: a term ends here
	fewMoves  = 63     // of the others: their number stands in the last byte
)

// common are the bytes that have a number of their own in the last byte of a node
// of one move, from 1.
const common = "te/oasripcnw.hlm-du012g=:bf3y5&_4v9678k%?xCDASFIBEjPTzRNM+LOqHG"

// encode appends a node.
func (d *dictionary) encode(o *openNode) {
	if len(o.moves) != 1 || o.final {
		d.encodeMany(o)
		return
	}
	start, m := len(d.out), o.moves[0]
	kind := byte(oneMove | toNext)
	if m.out != 0 || m.to != d.addr {
		kind = oneMove
		outs := 0
		if m.out != 0 {
			outs = octets(m.out)
			d.pack(m.out, outs)
		}
		back := distance(start, m.to)
		d.pack(back, octets(back))
		d.out = append(d.out, byte(octets(back)<<4|outs)) //nolint:gosec // at most 8 and 8
	}
	code := strings.IndexByte(common, m.with) + 1
	if code == 0 {
		d.out = append(d.out, m.with)
	}
	d.out = append(d.out, kind|byte(code)) //nolint:gosec // at most 63
}

// encodeMany appends a node of any number of moves: values, targets and bytes of
// the moves, each from the last to the first.
func (d *dictionary) encodeMany(o *openNode) {
	start, backs, outs, valued := len(d.out), 0, octets(o.out), o.out != 0
	for _, m := range o.moves {
		backs = max(backs, octets(distance(start, m.to)))
		outs = max(outs, octets(m.out))
		valued = valued || m.out != 0
	}
	if !valued {
		outs = 0
	}
	if valued && o.final {
		d.pack(o.out, outs)
	}
	n := len(o.moves)
	if valued {
		for i := n - 1; i >= 0; i-- {
			d.pack(o.moves[i].out, outs)
		}
	}
	for i := n - 1; i >= 0; i-- {
		d.pack(distance(start, o.moves[i].to), backs)
	}
	for i := n - 1; i >= 0; i-- {
		d.out = append(d.out, o.moves[i].with)
	}
	d.out = append(d.out, byte(backs<<4|outs)) //nolint:gosec // at most 8 and 8
	kind := byte(n)                            //nolint:gosec // at most 256, see below
	switch {
	case n == 256:
		d.out = append(d.out, 1) // a single move never stands so
		kind = 0
	case n == 0 || n > fewMoves:
		d.out = append(d.out, kind)
		kind = 0
	}
	if o.final {
		kind |= finalNode
	}
	d.out = append(d.out, kind)
}

// pack appends the n low octets of v.
func (d *dictionary) pack(v uint64, n int) {
	binary.LittleEndian.PutUint64(d.scratch[:], v)
	d.out = append(d.out, d.scratch[:n]...)
}

// octets is how many octets hold v: at least one.
func octets(v uint64) int { return (bits.Len64(v|1) + 7) / 8 }

// distance is how far back a node is; 0 is the end of terms.
func distance(start int, to uint32) uint64 {
	if to == 0 {
		return 0
	}
	return uint64(start) - uint64(to) //nolint:gosec // a length
}
