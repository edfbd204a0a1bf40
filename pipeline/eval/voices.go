package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Voice is a voice with what hangs on it. An empty field is not said.
type Voice struct {
	Label
	Confidence float64 // of a found voice
	TouchPoint string
	Prior      string
	Fulfilment string
}

// Bin is the voices whose confidence lies in [From, To): so many of them are
// right, and so sure they are in the mean.
type Bin struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"` // the last bin holds To
	Right Share   `json:"right"`
	Mean  float64 `json:"mean_confidence"`
}

// Calibration tells whether voices are as often right as they are sure.
type Calibration struct {
	Bins  []Bin   `json:"bins"`
	Error float64 `json:"expected_calibration_error"` // mean distance of share and confidence by bin, weighted by voices
}

// Attributes is how well that which hangs on a voice was found, on the voices
// of which type and aspect are right.
type Attributes struct {
	TouchPoint  Share `json:"touchpoint"` // where the gold voice has one
	Priors      Table `json:"priors"`     // of voices that are no inquiry
	Fulfilments Table `json:"fulfilments"`
}

// bins are the lower ends of those of a calibration.
func bins() []float64 { return []float64{0, .5, .6, .7, .8, .9} }

func newCalibration() Calibration {
	var c Calibration
	ends := append(bins(), 1)
	for i, from := range bins() {
		c.Bins = append(c.Bins, Bin{From: from, To: ends[i+1]})
	}
	return c
}

// add counts a found voice; Mean holds the sum until close.
func (c *Calibration) add(confidence float64, right bool) {
	i := len(c.Bins) - 1
	for i > 0 && confidence < c.Bins[i].From {
		i--
	}
	c.Bins[i].Right.count(right)
	c.Bins[i].Mean += confidence
}

// close turns sums into means.
func (c *Calibration) close() {
	n, sum := 0, 0.0
	for i := range c.Bins {
		b := &c.Bins[i]
		if b.Right.N == 0 {
			continue
		}
		sum += math.Abs(float64(b.Right.K) - b.Mean)
		n += b.Right.N
		b.Mean /= float64(b.Right.N)
	}
	if n > 0 {
		c.Error = sum / float64(n)
	}
}

// attributeTally gathers what hangs on right voices.
type attributeTally struct {
	touch               Share
	priors, fulfilments tally
}

// voices counts the found voices of a case: of those with the same type and
// aspect the surest, against the first gold voice of that type and aspect.
func (a *attributeTally) voices(cal *Calibration, c *Case) {
	found := slices.Clone(c.FoundVoices)
	slices.SortStableFunc(found, func(x, y Voice) int { return cmp.Compare(y.Confidence, x.Confidence) })
	var seen []Label
	for _, v := range found {
		if slices.Contains(seen, v.Label) {
			continue
		}
		seen = append(seen, v.Label)
		i := slices.IndexFunc(c.GoldVoices, func(g Voice) bool { return g.Label == v.Label })
		cal.add(v.Confidence, i >= 0)
		if i >= 0 {
			a.add(&c.GoldVoices[i], &v)
		}
	}
}

func (a *attributeTally) add(gold, found *Voice) {
	if gold.TouchPoint != "" {
		a.touch.count(gold.TouchPoint == found.TouchPoint)
	}
	if gold.Type != voc.Inquiry {
		a.priors.add(some(gold.Prior), some(found.Prior))
	}
	if gold.Fulfilment != "" {
		a.fulfilments.add(some(gold.Fulfilment), some(found.Fulfilment))
	}
}

// some is the set of s, empty if s is.
func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func (a *attributeTally) report() Attributes {
	return Attributes{a.touch, a.priors.table(nil), a.fulfilments.table(nil)}
}

func calibrationTable(b *strings.Builder, c Calibration) {
	fmt.Fprintf(b, "\n%-24s %7s %7s %7s %10s\n", "confidence of a pair", "voices", "right", "share", "confidence")
	for i, bin := range c.Bins {
		name := fmt.Sprintf("%.1f to %.1f", bin.From, bin.To)
		switch i {
		case 0:
			name = fmt.Sprintf("below %.1f", bin.To)
		case len(c.Bins) - 1:
			name = fmt.Sprintf("%.1f and more", bin.From)
		}
		fmt.Fprintf(b, "%-24s %7d %7d %7.3f %10.3f\n", name, bin.Right.N, bin.Right.K, bin.Right.Of(), bin.Mean)
	}
	fmt.Fprintf(b, "%-24s %31.3f\n", "calibration error", c.Error)
}

func attributeTable(b *strings.Builder, a Attributes) {
	fmt.Fprintf(b, "\non voices whose type and aspect are right\n")
	share(b, "touch point", a.TouchPoint)
	classTable(b, "prior expectation", a.Priors)
	fmt.Fprintf(b, "%-28s %6.3f %6.3f %6.3f\n", "macro", a.Priors.Macro.Precision, a.Priors.Macro.Recall, a.Priors.Macro.F1)
	classTable(b, "fulfilment", a.Fulfilments)
	fmt.Fprintf(b, "%-28s %6.3f %6.3f %6.3f\n", "macro", a.Fulfilments.Macro.Precision, a.Fulfilments.Macro.Recall, a.Fulfilments.Macro.F1)
}
