package model

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// Head is a question that a model answers.
type Head struct {
	Name    string   `json:"name"`
	Classes []string `json:"classes"`
	Softmax bool     `json:"softmax"` // one class holds; else each may
	// Even makes a thing of many features count as much as one of few: their
	// sum is multiplied by 4/√n, n the number of those that the model knows.
	Even bool `json:"even,omitempty"`
}

// Model scores features for its heads. It is immutable and safe for concurrent
// use.
type Model struct {
	heads []Head
	width int       // columns: the classes of all heads
	first []int     // column at which each head begins
	bias  []float32 // by column
	scale []float32 // by column: what one step of a weight is worth
	slots []uint32  // open addressing: row + 1 by hash, 0: free; a power of two
	keys  []uint32  // by row
	rows  []int8    // width weights a row
}

// Heads lists the model's heads. The caller does not change them.
func (m *Model) Heads() []Head { return m.heads }

// Columns is the number of classes of all heads.
func (m *Model) Columns() int { return m.width }

// Rows is the number of features that have a weight.
func (m *Model) Rows() int { return len(m.keys) }

// Sum is a running score, by column. Make one with NewSum; features that
// several things have in common are added once and the sum copied.
type Sum []int32

// NewSum returns an empty sum.
func (m *Model) NewSum() Sum { return make(Sum, m.width) }

// Add adds the weights of features to sum and returns how many the model knows.
// A feature given twice counts twice; an unknown one counts nothing.
func (m *Model) Add(sum Sum, features []Feature) (known int) {
	for _, f := range features {
		r := m.row(uint32(f))
		if r < 0 {
			continue
		}
		known++
		row := m.rows[r*m.width : (r+1)*m.width]
		_ = sum[len(row)-1]
		for i, w := range row {
			sum[i] += int32(w)
		}
	}
	return known
}

// Probabilities writes to out, of as many columns as sum, what sum means, head
// by head: of a softmax they add up to 1, of logistic classes each stands alone.
// known is how many features were added.
func (m *Model) Probabilities(out []float32, sum Sum, known int) {
	for h := range m.heads {
		p := m.Head(out, h)
		by := float32(1)
		if m.heads[h].Even {
			by = evened(known)
		}
		for i := range p {
			c := m.first[h] + i
			p[i] = float32(sum[c])*m.scale[c]*by + m.bias[c]
		}
		if m.heads[h].Softmax {
			softmax(p)
			continue
		}
		for i, x := range p {
			p[i] = logistic(x)
		}
	}
}

// evened is the factor of Even.
func evened(known int) float32 { return float32(4 / math.Sqrt(float64(max(known, 1)))) }

// Head returns the part of a score that belongs to head h.
func (m *Model) Head(scores []float32, h int) []float32 {
	return scores[m.first[h] : m.first[h]+len(m.heads[h].Classes)]
}

// Weight is what feature f adds to the score of a column before it becomes a
// probability, 0 for a feature the model does not know.
func (m *Model) Weight(f Feature, column int) float32 {
	r := m.row(uint32(f))
	if r < 0 {
		return 0
	}
	return float32(m.rows[r*m.width+column]) * m.scale[column]
}

// row finds the row of a key, −1 if it has none.
func (m *Model) row(key uint32) int {
	mask := uint32(len(m.slots) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		switch r := m.slots[i]; {
		case r == 0:
			return -1
		case m.keys[r-1] == key:
			return int(r - 1)
		}
	}
}

func logistic(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

func softmax(p []float32) {
	most := p[0]
	for _, x := range p {
		most = max(most, x)
	}
	sum := float32(0)
	for i, x := range p {
		p[i] = float32(math.Exp(float64(x - most)))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}

// magic begins a stored model; its last byte is the version of the format.
const magic = "koe-model\x00\x00\x01"

// maxColumns and maxRows bound what Decode takes, so that a broken file is an
// error and not a machine without memory.
const (
	maxColumns = 1 << 10
	maxRows    = 1 << 24
)

// Encode returns the stored form of m: the magic, a length and the heads as
// JSON, then little-endian bias, scale, keys and rows.
func (m *Model) Encode() []byte {
	heads, err := json.Marshal(m.heads)
	if err != nil {
		return nil // cannot happen: strings and booleans
	}
	var b bytes.Buffer
	b.WriteString(magic)
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(heads))))
	b.Write(heads)
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(m.keys))))
	for _, list := range [][]float32{m.bias, m.scale} {
		for _, x := range list {
			b.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(x)))
		}
	}
	for _, k := range m.keys {
		b.Write(binary.LittleEndian.AppendUint32(nil, k))
	}
	for _, w := range m.rows {
		b.WriteByte(byte(w))
	}
	return b.Bytes()
}

// ErrFormat is wrapped by Decode for bytes that are no model.
var ErrFormat = errors.New("not a koe model")

// Decode reads what Encode wrote. It keeps no part of data.
func Decode(data []byte) (*Model, error) {
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		return nil, fmt.Errorf("%w: it does not begin as one", ErrFormat)
	}
	next := func(n int) []byte {
		if n < 0 || n > len(rest) {
			return nil
		}
		b := rest[:n]
		rest = rest[n:]
		return b
	}
	number := func() int {
		if b := next(4); b != nil {
			return int(binary.LittleEndian.Uint32(b))
		}
		return -1
	}
	m := &Model{}
	if err := json.Unmarshal(next(number()), &m.heads); err != nil {
		return nil, fmt.Errorf("%w: its heads: %w", ErrFormat, err)
	}
	m.layout()
	n := number()
	if m.width == 0 || m.width > maxColumns || n < 0 || n > maxRows || len(rest) != 8*m.width+4*n+n*m.width {
		return nil, fmt.Errorf("%w: its size does not fit its heads and rows", ErrFormat)
	}
	for _, list := range []*[]float32{&m.bias, &m.scale} {
		*list = make([]float32, m.width)
		for i := range *list {
			(*list)[i] = math.Float32frombits(uint32(number()))
		}
	}
	m.keys = make([]uint32, n)
	for i := range m.keys {
		m.keys[i] = uint32(number())
	}
	m.rows = make([]int8, n*m.width)
	for i, b := range next(len(m.rows)) {
		m.rows[i] = int8(b)
	}
	if !m.index() {
		return nil, fmt.Errorf("%w: a feature stands in it twice", ErrFormat)
	}
	return m, nil
}

// layout sets width and first from the heads.
func (m *Model) layout() {
	m.first, m.width = make([]int, len(m.heads)), 0
	for i, h := range m.heads {
		m.first[i] = m.width
		m.width += len(h.Classes)
	}
}

// index builds slots, at most half full; false if a key stands twice.
func (m *Model) index() bool {
	size := 16
	for size < 2*len(m.keys) {
		size *= 2
	}
	m.slots = make([]uint32, size)
	mask := uint32(size - 1)
	for r, key := range m.keys {
		i := key & mask
		for ; m.slots[i] != 0; i = (i + 1) & mask {
			if m.keys[m.slots[i]-1] == key {
				return false
			}
		}
		m.slots[i] = uint32(r + 1)
	}
	return true
}
