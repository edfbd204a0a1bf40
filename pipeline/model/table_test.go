package model_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/koe-voc/koe/pipeline/model"
)

// colours is a second model, of which some features are those of heads.
func colours(t testing.TB) *model.Model {
	t.Helper()
	var examples []model.Example
	for range 5 {
		examples = append(examples,
			model.Example{Features: features("apple", "sunset"), Weight: 1, Answers: []int64{1}},
			model.Example{Features: features("grass", "eat"), Weight: 1, Answers: []int64{0}})
	}
	m, err := model.Train(t.Context(), examples, model.Options{Heads: []model.Head{{Name: "colour", Classes: []string{"red"}}}, Loose: []float64{10}, Seldom: 2})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// However models are joined, each sums up the weights of what it knows, and as
// many of them as there are.
func TestASumIsThatOfTheWeights(t *testing.T) {
	a, b := trained(t), colours(t)
	one, two := model.Join([]*model.Model{a, b}), model.Join([]*model.Model{a}, []*model.Model{b})
	for _, joined := range []struct {
		name  string
		table *model.Table
		parts []*model.Part
	}{
		{"one group", one, []*model.Part{one.Part(0, 0), one.Part(0, 1)}},
		{"two groups", two, []*model.Part{two.Part(0, 0), two.Part(1, 0)}},
	} {
		for _, n := range []int{0, 1, 255, 256, 257, 1000} {
			var all []model.Feature
			for i := range n {
				all = append(all, features([]string{"apple", "saw", "grass", "unknown", "eat"}[i%5])...)
			}
			rows := joined.table.Find(nil, all)
			for k, p := range joined.parts {
				sum := p.Sum()
				p.Add(sum, p.Known(append([]int32(nil), rows...)))
				out := make([]float32, p.Columns())
				p.Probabilities(out, sum)
				for c := range p.Columns() {
					if p.Heads()[0].Softmax && c < len(p.Heads()[0].Classes) || c == 4 {
						continue // its classes hang on one another, or on how many features there are
					}
					x := float64(-math.Log(1/float64(out[c]) - 1))
					base := p.Sum()
					zero := make([]float32, p.Columns())
					p.Probabilities(zero, base)
					want := -math.Log(1/float64(zero[c]) - 1)
					for _, f := range all {
						want += float64(p.Weight(f, c))
					}
					if want = max(min(want, 12), -12); math.Abs(max(min(x, 12), -12)-want) > .01*math.Abs(want)+.01 {
						t.Errorf("%s, model %d, %d features: column %d adds up to %v, want %v", joined.name, k, n, c, x, want)
					}
				}
			}
		}
	}
}

func TestFaintWeightsAreDropped(t *testing.T) {
	o := options()
	whole, err := model.Train(t.Context(), things(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Faint = 100
	none, err := model.Train(t.Context(), things(), o)
	if err != nil {
		t.Fatal(err)
	}
	if whole.Rows() == 0 || none.Rows() != 0 {
		t.Errorf("%d rows, and %d where no weight is large enough", whole.Rows(), none.Rows())
	}
	if p := ask(none, "apple"); len(p) != 5 {
		t.Errorf("a model without rows answers %s", fmt.Sprint(p))
	}
}
