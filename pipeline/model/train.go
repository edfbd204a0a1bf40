package model

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Example is a thing whose answers are known.
type Example struct {
	Features []Feature // a set: an order or a second copy does not matter
	Weight   float64   // how much it counts; 1 is usual
	// Answers holds one number a head: of a softmax the class, −1 for a head
	// that this example says nothing of; of logistic classes a set of bits, −1
	// likewise.
	Answers []int64
}

// Options are the choices of a training.
type Options struct {
	Heads []Head
	// Loose is the inverse strength of the L2 penalty by head (C of LIBLINEAR):
	// the larger, the closer the model follows its examples.
	Loose []float64
	// Seldom is the number of examples that a feature must stand in to get a
	// weight.
	Seldom int
	// Faint is the log-odds below which weights do not matter: a feature with no
	// larger one gets none, so that a model is small enough to be asked fast.
	Faint float64
}

// Train fits a model to the examples: L2-regularised logistic and softmax
// regression by L-BFGS from zero, each head by itself, weights rounded to 8
// bits. It is a pure function of its arguments: the same examples in the same
// order give the same bytes on the same architecture. It returns ctx's error,
// or an error if the options or answers do not fit the heads.
func Train(ctx context.Context, examples []Example, o Options) (*Model, error) {
	m := &Model{heads: o.Heads}
	m.layout()
	if m.width == 0 || m.width > maxColumns || len(o.Loose) != len(o.Heads) {
		return nil, errors.New("train: the heads and their penalties do not fit")
	}
	x := newMatrix(examples, o.Seldom)
	m.keys = x.keys
	weights := make([][]float64, m.width)
	m.bias, m.scale = make([]float32, m.width), make([]float32, m.width)
	for h, head := range o.Heads {
		for _, part := range parts(examples, h, head) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if part.err != nil {
				return nil, fmt.Errorf("train head %s: %w", head.Name, part.err)
			}
			w := x.fit(part, o.Loose[h])
			for c := range part.classes {
				col := m.first[h] + part.from + c
				weights[col], m.bias[col] = w[c], float32(w[c][len(x.keys)])
			}
		}
	}
	m.round(weights, o.Faint)
	return m, nil
}

// part is what is fitted in one go: a softmax, or one logistic class.
type part struct {
	from    int // class of the head
	classes int
	rows    []int32 // examples
	even    bool
	want    []int32 // class; of a logistic one 0 or 1
	weight  []float64
	err     error
}

func parts(examples []Example, h int, head Head) []part {
	n := len(head.Classes)
	if head.Softmax {
		p := part{classes: n, even: head.Even}
		for i := range examples {
			p.add(&examples[i], i, h, func(a int64) int64 { return a }, int64(n))
		}
		return []part{p}
	}
	out := make([]part, n)
	for c := range out {
		out[c] = part{from: c, classes: 1, even: head.Even}
		for i := range examples {
			out[c].add(&examples[i], i, h, func(a int64) int64 { return a >> c & 1 }, 2)
		}
	}
	return out
}

func (p *part) add(e *Example, i, h int, class func(int64) int64, n int64) {
	if h >= len(e.Answers) {
		p.err = fmt.Errorf("example %d has no answer for it", i)
		return
	}
	a := e.Answers[h]
	if a < 0 {
		return
	}
	c := class(a)
	if c >= n {
		p.err = fmt.Errorf("example %d: answer %d is none of %d", i, c, n)
		return
	}
	p.rows, p.want, p.weight = append(p.rows, int32(i)), append(p.want, int32(c)), append(p.weight, e.Weight)
}

// matrix holds the examples' features as numbers of columns.
type matrix struct {
	keys  []uint32 // feature by column
	start []int32
	cols  []int32
}

func newMatrix(examples []Example, seldom int) *matrix {
	count := map[Feature]int{}
	var set []Feature
	sets := make([][]Feature, len(examples))
	for i := range examples {
		set = append(set[:0], examples[i].Features...)
		slices.Sort(set)
		sets[i] = slices.Clone(slices.Compact(set))
		for _, f := range sets[i] {
			count[f]++
		}
	}
	x := &matrix{start: []int32{0}}
	for f, n := range count {
		if n >= seldom {
			x.keys = append(x.keys, uint32(f))
		}
	}
	// What stands in many examples comes first, so that the rows that most texts
	// ask for lie together.
	slices.SortFunc(x.keys, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(count[Feature(b)], count[Feature(a)]), cmp.Compare(a, b))
	})
	at := make(map[uint32]int32, len(x.keys))
	for i, k := range x.keys {
		at[k] = int32(i)
	}
	for _, s := range sets {
		for _, f := range s {
			if c, ok := at[uint32(f)]; ok {
				x.cols = append(x.cols, c)
			}
		}
		x.start = append(x.start, int32(len(x.cols)))
	}
	return x
}

// fit returns the weights of a part by class, the bias last in each.
func (x *matrix) fit(p part, loose float64) [][]float64 {
	d := len(x.keys) + 1
	w := make([]float64, d*p.classes)
	z := make([]float64, p.classes)
	objective := func(w, g []float64) float64 {
		loss := 0.0
		for i := range w {
			g[i] = 0
			if (i+1)%d != 0 { // the bias is free
				loss += float64(w[i]*w[i]) / (2 * loose)
				g[i] = w[i] / loose
			}
		}
		for i, row := range p.rows {
			cols := x.cols[x.start[row]:x.start[row+1]]
			by := 1.0
			if p.even {
				by = float64(evened(len(cols)))
			}
			for c := range z {
				v := w[c*d : (c+1)*d]
				s := 0.0
				for _, k := range cols {
					s += v[k]
				}
				z[c] = float64(s*by) + v[d-1]
			}
			loss += p.weight[i] * p.loss(z, p.want[i])
			for c := range z {
				q := float64(p.weight[i] * z[c])
				if q == 0 {
					continue
				}
				v := g[c*d : (c+1)*d]
				v[d-1] += q
				q *= by
				for _, k := range cols {
					v[k] += q
				}
			}
		}
		return loss
	}
	minimise(w, objective)
	out := make([][]float64, p.classes)
	for c := range out {
		out[c] = w[c*d : (c+1)*d]
	}
	return out
}

// loss is the negative log-likelihood of the wanted class given the scores z,
// which it replaces by the gradient.
func (p *part) loss(z []float64, want int32) float64 {
	if p.classes == 1 {
		y := float64(want)
		s := z[0]
		l := math.Log1p(math.Exp(-math.Abs(s))) + max(s, 0) - float64(y*s)
		z[0] = 1/(1+math.Exp(-s)) - y
		return l
	}
	most := slices.Max(z)
	sum, at := 0.0, z[want]
	for i, s := range z {
		z[i] = math.Exp(s - most)
		sum += z[i]
	}
	for i := range z {
		z[i] /= sum
	}
	z[want]--
	return math.Log(sum) + most - at
}

// steps is the largest weight after rounding.
const steps = 127

// round turns weights into 8 bits a column and drops rows that become zero or
// whose weights all are faint.
func (m *Model) round(weights [][]float64, faint float64) {
	for c, w := range weights {
		most := 0.0
		for r := range m.keys {
			most = max(most, math.Abs(w[r]))
		}
		m.scale[c] = float32(most / steps)
	}
	kept := m.keys[:0]
	row := make([]int8, m.width)
	for r, key := range m.keys {
		some := false
		for c, w := range weights {
			row[c] = 0
			if m.scale[c] > 0 {
				row[c] = int8(math.Round(w[r] / float64(m.scale[c])))
			}
			some = some || row[c] != 0 && math.Abs(w[r]) >= faint
		}
		if some {
			kept = append(kept, key)
			m.rows = append(m.rows, row...)
		}
	}
	m.keys = kept
}

// The constants of L-BFGS: how many steps it remembers, takes at the most, and
// below which relative gain it stops (Nocedal and Wright, Numerical
// Optimization, 2nd edition, algorithm 7.5; Armijo's condition, 3.4).
const (
	memory   = 8
	maxSteps = 120
	tiny     = 1e-5
	armijo   = 1e-4
)

// minimise moves w to a minimum of f, which returns the value at w and writes
// the gradient.
func minimise(w []float64, f func(w, g []float64) float64) {
	n := len(w)
	g, next, ng, dir := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	var past []pair
	value := f(w, g)
	for range maxSteps {
		direction(dir, g, past)
		slope := dot(dir, g)
		if slope >= 0 {
			return
		}
		step := 1.0
		if len(past) == 0 {
			step = 1 / max(1, math.Sqrt(dot(g, g)))
		}
		fresh := value
		for ; step > 1e-12; step /= 2 {
			for i := range w {
				next[i] = w[i] + float64(step*dir[i])
			}
			if fresh = f(next, ng); fresh <= value+float64(armijo*step*slope) {
				break
			}
		}
		gain := value - fresh
		if gain <= 0 {
			return
		}
		p := pair{make([]float64, n), make([]float64, n), 0}
		for i := range w {
			p.s[i], p.y[i] = next[i]-w[i], ng[i]-g[i]
		}
		if p.rho = dot(p.s, p.y); p.rho > 1e-12 {
			if past = append(past, p); len(past) > memory {
				past = past[1:]
			}
		}
		copy(w, next)
		copy(g, ng)
		value = fresh
		if gain < tiny*max(1, math.Abs(value)) {
			return
		}
	}
}

// pair is a step and how the gradient changed over it.
type pair struct {
	s, y []float64
	rho  float64 // s·y
}

// direction is the two-loop recursion of L-BFGS.
func direction(dir, g []float64, past []pair) {
	for i := range g {
		dir[i] = -g[i]
	}
	alpha := make([]float64, len(past))
	for i := len(past) - 1; i >= 0; i-- {
		p := &past[i]
		alpha[i] = dot(p.s, dir) / p.rho
		axpy(dir, -alpha[i], p.y)
	}
	if len(past) > 0 {
		p := &past[len(past)-1]
		k := p.rho / dot(p.y, p.y)
		for i := range dir {
			dir[i] *= k
		}
	}
	for i := range past {
		p := &past[i]
		axpy(dir, alpha[i]-dot(p.y, dir)/p.rho, p.s)
	}
}

func axpy(dst []float64, a float64, x []float64) {
	for i := range dst {
		dst[i] += float64(a * x[i])
	}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += float64(a[i] * b[i])
	}
	return s
}
