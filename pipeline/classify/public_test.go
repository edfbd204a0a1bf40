package classify_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// rows reads a TSV with a header, "\n" standing for a newline.
func rows(t testing.TB, path string, each func(cell map[string]string)) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	var head []string
	for sc.Scan() {
		cells := strings.Split(sc.Text(), "\t")
		if head == nil {
			head = cells
			continue
		}
		m := map[string]string{}
		for i, c := range cells {
			m[head[i]] = strings.ReplaceAll(c, `\n`, "\n")
		}
		each(m)
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
}

func one(id string, ch voc.Channel, roles []voc.Role, texts ...string) *voc.Record {
	b := builder{r: &voc.Record{ID: id, Channel: ch, OccurredAt: time.Unix(0, 0).UTC()}}
	for i, x := range texts {
		b.add(roles[i], x)
	}
	return b.r
}

func hasType(r *voc.Record, t voc.Type) bool {
	for _, v := range r.Voices {
		if v.Type == t {
			return true
		}
	}
	return false
}

// Plain requests of hotel guests are no complaints and no risks.
func TestPlainRequests(t *testing.T) {
	path := need(t, shared+"asdc_topics.tsv")
	s := newStages(t)
	n, complaints, risks := 0, 0, 0
	types := map[voc.Type]int{}
	show := os.Getenv("KOE_SHOW") != ""
	rows(t, path, func(m map[string]string) {
		n++
		if !show && testing.Short() && n%10 != 0 {
			return
		}
		r := one(m["id"], voc.ChannelChat, []voc.Role{voc.CustomerTurn}, m["text"])
		s.run(t, r)
		for _, ty := range voc.Types() {
			if hasType(r, ty) {
				types[ty]++
			}
		}
		if hasType(r, voc.Complaint) {
			complaints++
			if show {
				t.Log("complaint:", r.Text, r.Voices[0].Rule)
			}
		}
		if len(r.Risks) > 0 {
			risks++
			if show {
				t.Log("risk:", r.Text, r.Risks[0].Rule)
			}
		}
	})
	t.Logf("%d requests: complaints %d (%.2f %%), risk flags %d (%.2f %%), types %v", n, complaints, 100*float64(complaints)/float64(n), risks, 100*float64(risks)/float64(n), types)
	if complaints*100 > n {
		t.Errorf("%d of %d plain requests are called complaints, want at most 1 %%", complaints, n)
	}
	if risks*500 > n {
		t.Errorf("%d of %d plain requests have a risk flag, want at most .2 %%", risks, n)
	}
}

// Answers of a survey, by the question that was asked.
func TestSurveyAnswers(t *testing.T) {
	path := need(t, shared+"fukui_voc.tsv")
	s := newStages(t)
	type tally struct {
		n, none int
		types   map[voc.Type]int
	}
	by := map[string]*tally{}
	i := 0
	rows(t, path, func(m map[string]string) {
		if i++; i%5 != 0 {
			return
		}
		r := one(m["id"], voc.ChannelSurvey, []voc.Role{voc.PartQuestion, voc.PartAnswer}, m["question"], m["text"])
		s.run(t, r)
		key := m["intent_weak"]
		if key == "" {
			key = "rating " + m["rating"]
		}
		x := by[key]
		if x == nil {
			x = &tally{types: map[voc.Type]int{}}
			by[key] = x
		}
		x.n++
		if len(r.Voices) == 0 {
			x.none++
		}
		for _, ty := range voc.Types() {
			if hasType(r, ty) {
				x.types[ty]++
			}
		}
		if k := os.Getenv("KOE_SHOW"); k != "" && k == key && !hasType(r, voc.Type(os.Getenv("KOE_TYPE"))) {
			var rules []string
			for _, v := range r.Voices {
				rules = append(rules, string(v.Type)+"/"+string(v.Aspect)+":"+v.Rule)
			}
			t.Log(m["text"], "=>", rules)
		}
	})
	for k, x := range by {
		t.Logf("%-12s n %5d none %.3f complaint %.3f expectation %.3f praise %.3f inquiry %.3f", k, x.n, share(x.none, x.n),
			share(x.types[voc.Complaint], x.n), share(x.types[voc.Expectation], x.n), share(x.types[voc.Praise], x.n), share(x.types[voc.Inquiry], x.n))
	}
}

// Hotel reviews written for a good impression.
func TestReviews(t *testing.T) {
	f, err := os.Open(need(t, shared+"quasi_reviews.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	s := newStages(t)
	n := 0
	types := map[voc.Type]int{}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var x struct {
			ID   string `json:"id"`
			Text string `json:"text"`
		}
		if err := json.Unmarshal(sc.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		n++
		r := one(x.ID, voc.ChannelSNS, []voc.Role{voc.FreeText}, x.Text)
		s.run(t, r)
		if os.Getenv("KOE_SHOW") != "" && n%20 == 0 {
			for _, v := range r.Voices {
				t.Logf("%s/%s %s: %s", v.Type, v.Aspect, v.Rule, r.Slice(v.Evidence))
			}
		}
		for _, ty := range voc.Types() {
			if hasType(r, ty) {
				types[ty]++
			}
		}
	}
	t.Logf("%d reviews: praise %.3f complaint %.3f expectation %.3f inquiry %.3f", n, share(types[voc.Praise], n), share(types[voc.Complaint], n),
		share(types[voc.Expectation], n), share(types[voc.Inquiry], n))
	if got := share(types[voc.Praise], n); got < .9 {
		t.Errorf("praise is found in %.3f of the reviews, want .9", got)
	}
}

func share(k, n int) float64 { return float64(k) / float64(max(n, 1)) }
