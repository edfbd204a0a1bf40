package model_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/koe-voc/koe/pipeline/model"
)

func heads() []model.Head {
	return []model.Head{
		{Name: "kind", Classes: []string{"fruit", "tool"}, Softmax: true},
		{Name: "marks", Classes: []string{"red", "sharp"}},
		{Name: "whole", Classes: []string{"both"}, Even: true},
	}
}

func options() model.Options {
	return model.Options{Heads: heads(), Loose: []float64{10, 10, 10}, Seldom: 2}
}

func features(words ...string) []model.Feature {
	var out []model.Feature
	for _, w := range words {
		out = append(out, model.With(1, model.Hash(w)))
	}
	return out
}

// things are apples, saws and what is said of neither.
func things() []model.Example {
	var out []model.Example
	for i := range 20 {
		odd := fmt.Sprint("only here ", i)
		out = append(out,
			model.Example{Features: features("apple", "eat", odd), Weight: 1, Answers: []int64{0, 1, 0}},
			model.Example{Features: features("saw", "cut"), Weight: 1, Answers: []int64{1, 2, 0}},
			model.Example{Features: features("saw", "apple", "cut", "eat"), Weight: 1, Answers: []int64{-1, 3, 1}},
		)
	}
	return out
}

func trained(t testing.TB) *model.Model {
	t.Helper()
	m, err := model.Train(context.Background(), things(), options())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func ask(m *model.Model, words ...string) []float32 {
	t := model.Join([]*model.Model{m})
	part := t.Part(0, 0)
	sum := part.Sum()
	part.Add(sum, t.Find(nil, features(words...)))
	out := make([]float32, part.Columns())
	part.Probabilities(out, sum)
	return out
}

func TestAModelLearnsWhatItsExamplesSay(t *testing.T) {
	m := trained(t)
	if m.Rows() != 4 {
		t.Errorf("%d features have weights, want apple, eat, saw and cut: the others are seldom", m.Rows())
	}
	p := ask(m, "apple", "eat", "unknown")
	if kind := model.Join([]*model.Model{m}).Part(0, 0).Head(p, 0); kind[0] < .9 || math.Abs(float64(kind[0]+kind[1]-1)) > 1e-5 {
		t.Errorf("an apple is a fruit by %v", kind)
	}
	if marks := model.Join([]*model.Model{m}).Part(0, 0).Head(p, 1); marks[0] < .9 || marks[1] > .1 {
		t.Errorf("an apple is red and not sharp: %v", marks)
	}
	if both := model.Join([]*model.Model{m}).Part(0, 0).Head(ask(m, "saw", "apple", "cut", "eat"), 2)[0]; both < .8 {
		t.Errorf("both are both by %v", both)
	}
	part := model.Join([]*model.Model{m}).Part(0, 0)
	if part.Weight(features("apple")[0], 0) <= 0 || part.Weight(features("unknown")[0], 0) != 0 {
		t.Error("apple speaks for fruit, an unknown word for nothing")
	}
}

func TestTrainingGivesTheSameBytes(t *testing.T) {
	if !bytes.Equal(trained(t).Encode(), trained(t).Encode()) {
		t.Error("two trainings on the same examples differ")
	}
}

func TestDecodeReadsWhatEncodeWrote(t *testing.T) {
	m := trained(t)
	data := m.Encode()
	back, err := model.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(back.Encode(), data) {
		t.Error("a model changed on its way")
	}
	for n := range len(data) {
		if _, err := model.Decode(data[:n]); !errors.Is(err, model.ErrFormat) {
			t.Fatalf("the first %d bytes of %d: %v", n, len(data), err)
		}
	}
}

func TestTrainRefusesWhatDoesNotFit(t *testing.T) {
	for name, e := range map[string]model.Example{
		"an answer too few": {Features: features("x"), Weight: 1, Answers: []int64{0, 0}},
		"no such class":     {Features: features("x"), Weight: 1, Answers: []int64{2, 0, 0}},
	} {
		if _, err := model.Train(t.Context(), []model.Example{e}, options()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	o := options()
	o.Loose = nil
	if _, err := model.Train(t.Context(), things(), o); err == nil {
		t.Error("no penalties: no error")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := model.Train(ctx, things(), options()); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped context: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(trained(f).Encode())
	f.Add([]byte("koe-model"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		m, err := model.Decode(data)
		if err != nil {
			return
		}
		ask(m, "apple")
	})
}

func Example() {
	m, err := model.Train(context.Background(), things(), options())
	if err != nil {
		fmt.Println(err)
		return
	}
	t := model.Join([]*model.Model{m})
	part := t.Part(0, 0)
	sum := part.Sum()
	part.Add(sum, t.Find(nil, features("saw", "cut")))
	p := make([]float32, part.Columns())
	part.Probabilities(p, sum)
	fmt.Println(part.Head(p, 0)[1] > .9)
	// Output: true
}
