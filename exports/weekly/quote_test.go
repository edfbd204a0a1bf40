package weekly_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/koe-voc/koe/exports/weekly"
	"github.com/koe-voc/koe/pipeline/voc"
)

// quoted is the quote of a note with one voice; the evidence stands in 《 》.
func quoted(t *testing.T, o weekly.Options, text string) string {
	t.Helper()
	r := report(t, build(t, []said{{day: "2026-10-05", typ: voc.Complaint, aspect: voc.Delivery, text: text}}), o)
	if len(r.Topics) != 1 {
		t.Fatalf("topics: %+v", r.Topics)
	}
	if len(r.Topics[0].Quotes) == 0 {
		return ""
	}
	return r.Topics[0].Quotes[0].Text
}

func TestQuotes(t *testing.T) {
	long := strings.Repeat("あ", 90)
	for _, c := range []struct{ name, text, want string }{
		{"a short note is quoted whole", "《荷物が遅い》と仰る。", "荷物が遅いと仰る。"},
		{"whole sentences where they fit", "前置きがとても長く続く文なので途中で切られることになるはずだと思われる一つ目の文。《荷物が遅い》。二つ目も同じくらいに長く続いて行くので途中で切られることになるはずの文である", "…荷物が遅い。…"},
		{"evidence that is too long is cut", "《" + long + "》", strings.Repeat("あ", 78) + "…"},
		{"lines become one", "荷物\n《遅い》\n至急", "荷物 遅い 至急"},
		{"placeholders alone are no quote", "《[氏名]》[電話]、", ""},
		{"one letter beside placeholders is no quote", "《[氏名]様》", ""},
		{"no half placeholder at the left", "[氏名]" + strings.Repeat("い", 36) + "《遅い》" + strings.Repeat("う", 60), "…" + strings.Repeat("い", 36) + "遅い" + strings.Repeat("う", 38) + "…"},
		{"no half placeholder at the right", strings.Repeat("い", 60) + "《遅い》" + strings.Repeat("う", 36) + "[氏名]", "…" + strings.Repeat("い", 38) + "遅い" + strings.Repeat("う", 36) + "…"},
	} {
		if got := quoted(t, options(t), c.text); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestAQuoteStaysInItsSegment(t *testing.T) {
	src := build(t, []said{{day: "2026-10-05", typ: voc.Complaint, aspect: voc.Delivery, text: "担当が参ります\n《遅いです》\n失礼しました"}})
	text := src[0].Text
	from, to := strings.Index(text, "遅い"), strings.Index(text, "\n失礼")
	src[0].Segments = []voc.Segment{
		{Role: voc.AgentTurn, Span: voc.Span{To: from - 1}},
		{Role: voc.CustomerTurn, Span: voc.Span{From: from, To: to}},
		{Role: voc.AgentTurn, Span: voc.Span{From: to + 1, To: len(text)}},
	}
	r := report(t, src, options(t))
	if got := r.Topics[0].Quotes[0].Text; got != "遅いです" {
		t.Errorf("quoted %q", got)
	}
}

func TestAnyQuoteIsShortWholeAndFromTheText(t *testing.T) {
	o := options(t)
	rapid.Check(t, func(rt *rapid.T) {
		part := rapid.SampledFrom([]string{"荷物が", "遅い", "。", "[氏名]", "[電話]", "\n", "🙏", "a", " ", "[", "]"})
		joined := rapid.Map(rapid.SliceOfN(part, 0, 60), func(p []string) string { return strings.Join(p, "") })
		text := joined.Draw(rt, "before") + "《" + joined.Draw(rt, "evidence") + "》" + joined.Draw(rt, "after")
		got := quoted(t, o, text)
		if n := utf8.RuneCountInString(got); n > 80 || !utf8.ValidString(got) {
			rt.Fatalf("%d code points: %q", n, got)
		}
		plain := strings.Join(strings.Fields(strings.NewReplacer("《", "", "》", "").Replace(text)), " ")
		if core := strings.TrimSuffix(strings.TrimPrefix(got, "…"), "…"); !strings.Contains(plain, core) {
			rt.Fatalf("%q is not in %q", core, plain)
		}
	})
}

func TestWeeks(t *testing.T) {
	for s, monday := range map[string]string{
		"2026-W01": "2025-12-29", "2026-W41": "2026-10-05", "2026-W53": "2026-12-28", "2027-W01": "2027-01-04", "2024-W01": "2024-01-01",
	} {
		w, err := weekly.ParseWeek(s)
		if err != nil || w.String() != s || w.Monday().Format(time.DateOnly) != monday || weekly.WeekOf(w.Sunday()) != w {
			t.Errorf("%s: %v from %s, error %v", s, w, w.Monday(), err)
		}
	}
	for _, s := range []string{"", "2026-W00", "2026-W54", "2025-W53", "2026W41", "2026-W4", "2026-W411", "41", "2026-10-05"} {
		if w, err := weekly.ParseWeek(s); err == nil || !strings.Contains(err.Error(), "2026-W47") {
			t.Errorf("%q: %v, error %v", s, w, err)
		}
	}
	// Sunday night in London is Monday in Tokyo: the week before is over there.
	now := time.Date(2026, 10, 11, 20, 0, 0, 0, time.UTC)
	if got := weekly.LastFull(now, tokyo); got != week {
		t.Errorf("in Tokyo the last full week is %s", got)
	}
	if got := weekly.LastFull(now, time.UTC); got.String() != "2026-W40" {
		t.Errorf("in UTC the last full week is %s", got)
	}
}

func ExampleParseWeek() {
	w, err := weekly.ParseWeek("2026-W41")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(w.Monday().Format(time.DateOnly), "to", w.Sunday().Format(time.DateOnly))
	// Output: 2026-10-05 to 2026-10-11
}
