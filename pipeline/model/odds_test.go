package model_test

import (
	"math"
	"testing"

	"github.com/koe-voc/koe/pipeline/model"
)

func TestOddsAreThoseOfTheExactFunctions(t *testing.T) {
	for x := -100.0; x < 100; x += .037 {
		want := 1 / (1 + math.Exp(-x))
		got := float64(model.Logistic(float32(x)))
		if math.Abs(got-want) > 2e-6 || math.Abs(got-want) > 1e-4*want+1e-30 {
			t.Errorf("Logistic(%v) is %v, want %v", x, got, want)
		}
	}
	for p := .0001; p < .9999; p += .000313 {
		want := math.Log(p / (1 - p))
		if got := float64(model.Logit(float32(p))); math.Abs(got-want) > 1e-3 {
			t.Errorf("Logit(%v) is %v, want %v", p, got, want)
		}
	}
	if model.Logit(0) != model.Logit(1e-4) || model.Logit(1) != model.Logit(.9999) {
		t.Error("Logit of what lies outside is not that of the nearest")
	}
}
