package eval_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/pipeline/eval"
	"github.com/koe-voc/koe/pipeline/voc"
)

var update = flag.Bool("update", false, "write the goldens anew")

func label(t voc.Type, a voc.Aspect) eval.Label { return eval.Label{Type: t, Aspect: a} }

func cases() []eval.Case {
	late := label(voc.Complaint, voc.Delivery)
	wish := label(voc.Expectation, voc.Delivery)
	price := label(voc.Inquiry, voc.Price)
	kind := label(voc.Praise, voc.Attitude)
	voice := func(l eval.Label, confidence float64, touch, prior, fulfilment string) eval.Voice {
		return eval.Voice{Label: l, Confidence: confidence, TouchPoint: touch, Prior: prior, Fulfilment: fulfilment}
	}
	list := []eval.Case{
		{ID: "a", Channel: "call", Industry: "通販", Gold: []eval.Label{late, wish}, Found: []eval.Label{late, late}, GoldRisks: []string{"churn"}, FoundRisks: []string{"churn"}},
		{ID: "b", Channel: "chat", Industry: "銀行", Gold: []eval.Label{price}, Found: []eval.Label{label(voc.Inquiry, voc.Procedure)}, FoundRisks: []string{"legal"}},
		{ID: "c", Channel: "chat", Trap: "greeting"},
		{ID: "d", Channel: "chat", Trap: "operator", Found: []eval.Label{late}, OperatorVoices: 1},
		{ID: "e", Channel: "form", Industry: "通販", Gold: []eval.Label{kind, price}, Found: []eval.Label{kind, price}, GoldMarks: []string{"vulnerable"}},
	}
	// Of the two voices of record a the surer counts; c is unclassified; d is not right.
	list[0].Manner, list[1].Manner = "terse", "terse"
	list[0].GoldVoices = []eval.Voice{voice(late, 0, "delivery", "promised", "below"), voice(wish, 0, "delivery", "", "")}
	list[0].FoundVoices = []eval.Voice{voice(late, .55, "web", "", ""), voice(late, .95, "delivery", "promised", "below")}
	list[2].Unclassified = 1
	list[3].FoundVoices = []eval.Voice{voice(late, .65, "delivery", "", "below")}
	list[4].GoldVoices = []eval.Voice{voice(kind, 0, "store", "usual", "above"), voice(price, 0, "", "", "")}
	list[4].FoundVoices = []eval.Voice{voice(kind, .75, "phone", "", "met"), voice(price, .9, "web", "", "")}
	return list
}

func TestScore(t *testing.T) {
	r := eval.Score(cases())
	if diff := cmp.Diff(eval.Count{Right: 4, Spurious: 1, Missed: 1}, r.Types.Micro); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(eval.Count{Right: 3, Spurious: 2, Missed: 2}, r.Pairs.Micro); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
	if r.Silent != (eval.Share{K: 1, N: 2}) || r.Voiced != (eval.Share{K: 3, N: 3}) || r.OperatorVoices != 1 {
		t.Errorf("silent %v, voiced %v, operator %d", r.Silent, r.Voiced, r.OperatorVoices)
	}
	want := eval.Confusion{Gold: "inquiry/price", Found: "inquiry/procedure", IDs: []string{"b"}}
	found := false
	for _, c := range r.Confusions {
		found = found || cmp.Equal(c, want)
	}
	if !found {
		t.Errorf("confusions %v lack %v", r.Confusions, want)
	}
}

func TestCalibrationAndWhatHangsOnVoices(t *testing.T) {
	r := eval.Score(cases())
	var bins []string
	for _, b := range r.Calibration.Bins {
		bins = append(bins, fmt.Sprintf("%.1f:%d/%d", b.From, b.Right.K, b.Right.N))
	}
	if got := strings.Join(bins, " "); got != "0.0:0/0 0.5:0/0 0.6:0/1 0.7:1/1 0.8:0/0 0.9:2/2" {
		t.Errorf("bins %s", got)
	}
	// (|0 - .65| + |1 - .75| + |2 - 1.85|) / 4
	if e := r.Calibration.Error; math.Abs(e-.2625) > 1e-9 {
		t.Errorf("calibration error %v", e)
	}
	a := r.Attributes
	if a.TouchPoint != (eval.Share{K: 1, N: 2}) {
		t.Errorf("touch points %v", a.TouchPoint)
	}
	if f := a.Priors.Macro.F1; f != .5 { // promised is right, usual missed
		t.Errorf("priors %v", f)
	}
	if f := a.Fulfilments.Macro.F1; f != .5 { // below is right, above taken for met
		t.Errorf("fulfilments %v", f)
	}
	if r.Unclassified != (eval.Share{K: 1, N: 5}) {
		t.Errorf("unclassified %v", r.Unclassified)
	}
	if len(r.Manners) != 1 || r.Manners[0].Records != 2 {
		t.Errorf("manners %v", r.Manners)
	}
}

func TestReportGolden(t *testing.T) {
	var b strings.Builder
	if err := eval.Score(cases()).Text(&b, 10); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "report.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("run with -update if the change is meant (-want +got):\n%s", diff)
	}
}

func TestNothing(t *testing.T) {
	r := eval.Score(nil)
	if r.Types.Micro.F1() != 0 || r.Silent.Of() != 0 {
		t.Errorf("got %+v", r)
	}
}

// Hundreds of industries of a record each tell nothing: they stand in one line.
func TestSmallGroupsStandTogether(t *testing.T) {
	var list []eval.Case
	for i := range 30 {
		list = append(list, eval.Case{ID: strconv.Itoa(i), Industry: strconv.Itoa(i % 25)})
	}
	for i := range 5 {
		list = append(list, eval.Case{ID: "x" + strconv.Itoa(i), Industry: "銀行"})
	}
	var b strings.Builder
	if err := eval.Score(list).Text(&b, 0); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "(25 others)                 30 ") || !strings.Contains(got, "銀行   ") {
		t.Error(got)
	}
}

// The figures are those of Wilson's worked formula for 8 of 10.
func TestWilson(t *testing.T) {
	low, high := eval.Wilson(eval.Share{K: 8, N: 10})
	if math.Abs(low-.4902) > .0005 || math.Abs(high-.9433) > .0005 {
		t.Errorf("got %.4f, %.4f", low, high)
	}
	if low, high := eval.Wilson(eval.Share{}); low != 0 || high != 1 {
		t.Errorf("of nothing: %v, %v", low, high)
	}
}

func TestMaskScore(t *testing.T) {
	r := eval.MaskScore([]eval.MaskCase{
		{
			ID: "a", Runes: 20, Gold: []eval.Secret{{Start: 0, End: 2, Kind: "person"}, {Start: 5, End: 10, Kind: "phone"}},
			Found: []eval.Secret{{Start: 0, End: 3, Kind: "person"}, {Start: 5, End: 9, Kind: "phone"}},
		},
		{
			ID: "b", Runes: 10, Gold: []eval.Secret{{Start: 0, End: 4, Kind: "phone"}}, Found: []eval.Secret{{Start: 0, End: 4, Kind: "account_or_member_id"}},
			Ignore: []eval.Secret{{Start: 4, End: 6}},
		},
	})
	want := eval.MaskReport{
		Kinds: []eval.KindRecall{
			{Kind: "person", Covered: eval.Share{K: 1, N: 1}, Named: eval.Share{K: 1, N: 1}},
			{Kind: "phone", Covered: eval.Share{K: 1, N: 2}, Named: eval.Share{K: 0, N: 1}},
		},
		All: eval.Share{K: 2, N: 3}, Over: 1, Runes: 17, Leaked: []string{"a"},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func ExampleScore() {
	r := eval.Score([]eval.Case{{
		ID:    "mail/1",
		Gold:  []eval.Label{{Type: voc.Complaint, Aspect: voc.Delivery}, {Type: voc.Expectation, Aspect: voc.Delivery}},
		Found: []eval.Label{{Type: voc.Complaint, Aspect: voc.Delivery}},
	}})
	fmt.Printf("precision %.2f recall %.2f\n", r.Pairs.Micro.Precision(), r.Pairs.Micro.Recall())
	// Output: precision 1.00 recall 0.50
}
