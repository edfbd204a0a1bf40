package testdata_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/voc"
	"github.com/koe-voc/koe/testdata"
)

type words struct {
	ID         string
	Channel    string
	OccurredAt time.Time `json:"occurred_at"`
	Note, Text string
	Answer     string
	Turns      []struct{ Speaker, Text string }
	Parts      []struct{ Question, Text string }
}

// customer lists the texts in which a voice may stand.
func (w words) customer() []string {
	out := []string{w.Note, w.Text}
	for _, p := range w.Parts {
		out = append(out, p.Text)
	}
	for _, t := range w.Turns {
		if t.Speaker == "customer" {
			out = append(out, t.Text)
		}
	}
	return out
}

func (w words) all() string {
	s := strings.Join(w.customer(), "") + w.Answer
	for _, t := range w.Turns {
		if t.Speaker != "customer" {
			s += t.Text
		}
	}
	return s
}

func gold(t *testing.T) ([]testdata.Record, []words) {
	t.Helper()
	records, err := testdata.Gold()
	if err != nil {
		t.Fatal(err)
	}
	all := make([]words, len(records))
	for i := range records {
		if err := json.Unmarshal(records[i].Contact, &all[i]); err != nil {
			t.Fatalf("%s: %v", records[i].ID, err)
		}
	}
	return records, all
}

func TestGoldIsReadByTheSchemaAndItsLabelsAreThere(t *testing.T) {
	dec, err := decode.New(decode.Options{Default: decode.Contact})
	if err != nil {
		t.Fatal(err)
	}
	records, all := gold(t)
	seen := map[string]bool{}
	for i, r := range records {
		if seen[r.ID] {
			t.Errorf("%s stands twice", r.ID)
		}
		seen[r.ID] = true
		if _, err := dec.Decode(voc.Message{Value: r.Contact}); err != nil {
			t.Errorf("%s: %v", r.ID, err)
		}
		in := func(what string) bool {
			return slices.ContainsFunc(all[i].customer(), func(s string) bool { return strings.Contains(s, what) })
		}
		for _, v := range r.Voices {
			if !slices.Contains(voc.Types(), voc.Type(v.Type)) || !slices.Contains(voc.Aspects(), voc.Aspect(v.Aspect)) || !in(v.Evidence) {
				t.Errorf("%s: %+v", r.ID, v)
			}
		}
		for _, f := range r.Risks {
			if !slices.Contains(voc.Risks(), f.Flag) || !in(f.Evidence) {
				t.Errorf("%s: risk %+v", r.ID, f)
			}
		}
		for _, f := range r.Signals {
			if !slices.Contains(voc.Signals(), f.Flag) || !in(f.Evidence) {
				t.Errorf("%s: signal %+v", r.ID, f)
			}
		}
		for _, p := range r.PII {
			if !strings.Contains(all[i].all(), p[0]) {
				t.Errorf("%s: no %q in it", r.ID, p[0])
			}
		}
	}
}

func TestGoldIsWideEnough(t *testing.T) {
	records, all := gold(t)
	if len(records) < 400 {
		t.Errorf("%d contacts, want 400", len(records))
	}
	channels, industries, weeks, none := map[string]int{}, map[string]int{}, map[string]int{}, 0
	for i, r := range records {
		channels[r.Channel]++
		industries[r.Industry]++
		y, w := all[i].OccurredAt.ISOWeek()
		weeks[time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*w).Format(time.DateOnly)]++
		if len(r.Voices) == 0 {
			none++
		}
	}
	if len(channels) != len(voc.Channels()) || len(industries) < 8 || len(weeks) != 8 || none < 30 {
		t.Errorf("%d channels, %d industries, %d weeks, %d without a voice", len(channels), len(industries), len(weeks), none)
	}
}

// TestNoTwoRecordsAreAlike: no record shares over half of its character
// 5-grams with another.
func TestNoTwoRecordsAreAlike(t *testing.T) {
	_, all := gold(t)
	grams := make([]map[string]bool, len(all))
	where := map[string][]int{}
	for i, w := range all {
		grams[i] = map[string]bool{}
		text := []rune(strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, w.all()))
		for k := 0; k+5 <= len(text); k++ {
			if g := string(text[k : k+5]); !grams[i][g] {
				grams[i][g] = true
				where[g] = append(where[g], i)
			}
		}
	}
	for i := range grams {
		shared := map[int]int{}
		for g := range grams[i] {
			for _, j := range where[g] {
				if j != i {
					shared[j]++
				}
			}
		}
		for j, n := range shared {
			if 2*n > len(grams[i]) && len(grams[i]) > 4 {
				t.Errorf("%s shares %d of %d 5-grams with %s", all[i].ID, n, len(grams[i]), all[j].ID)
			}
		}
	}
}
