package model

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
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

// Model is the weights of features for its heads, as they are trained and
// stored; Join makes of it what scores. It is immutable and safe for concurrent
// use.
type Model struct {
	heads []Head
	width int       // columns: the classes of all heads
	first []int     // column at which each head begins
	bias  []float32 // by column
	scale []float32 // by column: what one step of a weight is worth
	keys  []uint32  // by row
	rows  []int8    // width weights a row
}

// Heads lists the model's heads. The caller does not change them.
func (m *Model) Heads() []Head { return m.heads }

// Rows is the number of features that have a weight.
func (m *Model) Rows() int { return len(m.keys) }

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
	if sorted := slices.Sorted(slices.Values(m.keys)); len(slices.Compact(sorted)) < n {
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
