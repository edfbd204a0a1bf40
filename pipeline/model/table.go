package model

import "math"

// Table is models in the form that scoring needs: a feature is looked up once
// for all of them, and the weights of models that are asked together lie side
// by side. It is immutable and safe for concurrent use.
type Table struct {
	slots  []uint64 // open addressing: key<<32 | row+1, 0: free; a power of two
	rows   int
	blocks []block
}

// block is the weights of one group of models. A weight is stored as a byte,
// 128 more than it is, so that eight of them are added at a time in the halves
// of two words without a carry from one into the next.
type block struct {
	rows   int // the first rows of the table: all that a model of the group knows
	stride int // words a row
	words  []uint64
	parts  []Part
}

// Part is one model of a table.
type Part struct {
	heads  []Head
	first  []int // column at which each head begins
	at     int   // word of the block's rows at which the model begins
	passes int   // how often step words make up its part of a row
	known  int   // column that is 1 for every feature that the model knows, −1: none needed
	bias   []float32
	scale  []float32
	table  *Table
	group  int
}

const (
	lanes = 8   // weights in a word
	over  = 128 // what a stored weight is more than the weight
	step  = 4   // words that are added in one pass: their sums fit the registers
	turn  = 256 // rows until a sum of 16 bits could overflow
	low   = 0x00ff00ff00ff00ff
)

// Join makes a table of groups of models: rows of a group lie together. It is
// best for memory if the group that knows the fewest features stands first.
func Join(groups ...[]*Model) *Table {
	t := &Table{}
	n := 0
	for _, g := range groups {
		for _, m := range g {
			n += len(m.keys)
		}
	}
	t.slots = make([]uint64, slotsFor(n))
	known := make([]int, len(groups))
	for i, g := range groups {
		for _, m := range g {
			for _, key := range m.keys {
				known[i] = max(known[i], t.insert(key))
			}
		}
	}
	t.shrink()
	for i, g := range groups {
		t.blocks = append(t.blocks, t.block(i, known[i], g))
	}
	return t
}

// slotsFor is the number of slots that n keys fill at most by half.
func slotsFor(n int) int {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return size
}

// insert gives key a row, if it has none, and returns the number of the row,
// counted from 1.
func (t *Table) insert(key uint32) int {
	mask := uint32(len(t.slots) - 1)
	i := key & mask
	for ; t.slots[i] != 0; i = (i + 1) & mask {
		if uint32(t.slots[i]>>32) == key {
			return int(uint32(t.slots[i]))
		}
	}
	t.rows++
	t.slots[i] = uint64(key)<<32 | uint64(t.rows)
	return t.rows
}

// shrink lays the slots out anew, at most half full: models have most keys in
// common.
func (t *Table) shrink() {
	old, size := t.slots, slotsFor(t.rows)
	t.slots = make([]uint64, size)
	mask := uint32(size - 1)
	for _, s := range old {
		if s == 0 {
			continue
		}
		i := uint32(s>>32) & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}

func (t *Table) block(group, rows int, models []*Model) block {
	b := block{rows: rows}
	for _, m := range models {
		p := Part{heads: m.heads, first: m.first, at: b.stride, known: -1, bias: m.bias, scale: m.scale, table: t, group: group}
		columns := m.width
		for _, h := range m.heads {
			if h.Even && p.known < 0 {
				p.known = columns
				columns++
			}
		}
		p.passes = (columns + lanes*step - 1) / (lanes * step)
		b.stride += p.passes * step
		b.parts = append(b.parts, p)
	}
	b.words = make([]uint64, rows*b.stride)
	for i := range b.words {
		b.words[i] = 0x8080808080808080
	}
	for i, m := range models {
		p := &b.parts[i]
		for r, key := range m.keys {
			row := int(t.row(Feature(key)))
			for c, w := range m.rows[r*m.width : (r+1)*m.width] {
				b.set(row, p.at*lanes+c, w)
			}
			if p.known >= 0 {
				b.set(row, p.at*lanes+p.known, 1)
			}
		}
	}
	return b
}

// place is the word of a column in a row and how far to the left it stands
// there.
func place(column int) (word, shift int) { return column / lanes, column % lanes * 8 }

func (b *block) set(row, column int, w int8) {
	word, shift := place(column)
	p := &b.words[row*b.stride+word]
	*p = *p&^(0xff<<shift) | uint64(uint8(int(w)+over))<<shift
}

func (b *block) weight(row, column int) int32 {
	word, shift := place(column)
	return int32(uint8(b.words[row*b.stride+word]>>shift)) - over
}

// Rows is the number of features that any of the models knows.
func (t *Table) Rows() int { return t.rows }

// row is the row of a feature, −1 if no model knows it.
func (t *Table) row(f Feature) int32 {
	mask := uint32(len(t.slots) - 1)
	for i := uint32(f) & mask; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s == 0 {
			return -1
		}
		if uint32(s>>32) == uint32(f) {
			return int32(uint32(s)) - 1
		}
	}
}

// Find appends to rows the rows of the features that any model knows.
func (t *Table) Find(rows []int32, features []Feature) []int32 {
	for _, f := range features {
		if r := t.row(f); r >= 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// Sum returns an empty sum of the model. Sums of one model may be added.
func (p *Part) Sum() []int32 { return make([]int32, p.passes*step*lanes) }

// Add adds to sum the weights that the model gives to the features of rows. A row
// given twice counts twice, one that the model does not know counts nothing.
func (p *Part) Add(sum []int32, rows []int32) {
	b := &p.table.blocks[p.group]
	for len(rows) > 0 {
		n := min(len(rows), turn)
		for pass := range p.passes {
			b.add((*[lanes * step]int32)(sum[pass*lanes*step:]), p.at+pass*step, rows[:n])
		}
		rows = rows[n:]
	}
}

// Known keeps of rows, in place, those that a model of the group may know: Add is
// faster without the others.
func (p *Part) Known(rows []int32) []int32 {
	n, all := 0, int32(p.table.blocks[p.group].rows)
	for _, r := range rows {
		rows[n] = r
		if r < all {
			n++
		}
	}
	return rows[:n]
}

// add adds the words [at, at+step) of at most turn rows.
func (b *block) add(sum *[lanes * step]int32, at int, rows []int32) {
	var a0, a1, a2, a3, b0, b1, b2, b3 uint64 // weights at even places and at odd ones
	n := int32(0)
	for _, r := range rows {
		if int(r) >= b.rows {
			continue
		}
		n++
		w := (*[step]uint64)(b.words[int(r)*b.stride+at:])
		a0 += w[0] & low
		b0 += w[0] >> 8 & low
		a1 += w[1] & low
		b1 += w[1] >> 8 & low
		a2 += w[2] & low
		b2 += w[2] >> 8 & low
		a3 += w[3] & low
		b3 += w[3] >> 8 & low
	}
	n *= over
	for i, pair := range [step][2]uint64{{a0, b0}, {a1, b1}, {a2, b2}, {a3, b3}} {
		even, odd := pair[0], pair[1]
		s := sum[i*lanes : i*lanes+lanes : i*lanes+lanes]
		for k := 0; k < lanes; k += 2 {
			s[k] += int32(even&0xffff) - n
			s[k+1] += int32(odd&0xffff) - n
			even, odd = even>>16, odd>>16
		}
	}
}

// Part returns model m of group g.
func (t *Table) Part(g, m int) *Part { return &t.blocks[g].parts[m] }

// Heads lists the model's heads. The caller does not change them.
func (p *Part) Heads() []Head { return p.heads }

// Columns is the number of classes of all heads.
func (p *Part) Columns() int { return len(p.bias) }

// Head returns the part of probabilities that belongs to head h.
func (p *Part) Head(scores []float32, h int) []float32 {
	return scores[p.first[h] : p.first[h]+len(p.heads[h].Classes)]
}

// Probabilities writes to out, of Columns numbers, what a sum means, head by
// head: of a softmax they add up to 1, of logistic classes each stands alone.
func (p *Part) Probabilities(out []float32, sum []int32) {
	even := float32(1)
	if p.known >= 0 {
		even = evened(int(sum[p.known]))
	}
	for h := range p.heads {
		by := float32(1)
		if p.heads[h].Even {
			by = even
		}
		of := p.Head(out, h)
		for i := range of {
			c := p.first[h] + i
			of[i] = float32(sum[c])*p.scale[c]*by + p.bias[c]
		}
		if p.heads[h].Softmax {
			softmax(of)
			continue
		}
		for i, x := range of {
			of[i] = Logistic(x)
		}
	}
}

// Weight is what feature f adds to the score of a column before it becomes a
// probability, 0 for a feature that the model does not know.
func (p *Part) Weight(f Feature, column int) float32 {
	b, r := &p.table.blocks[p.group], int(p.table.row(f))
	if r < 0 || r >= b.rows {
		return 0
	}
	return float32(b.weight(r, p.at*lanes+column)) * p.scale[column]
}

// evened is the factor of Even.
func evened(known int) float32 { return float32(4 / math.Sqrt(float64(max(known, 1)))) }

func softmax(p []float32) {
	most := p[0]
	for _, x := range p {
		most = max(most, x)
	}
	sum := float32(0)
	for i, x := range p {
		p[i] = exp(x - most)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}
