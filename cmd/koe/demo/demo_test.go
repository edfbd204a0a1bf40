package demo_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/cmd/koe/demo"
)

type contact struct {
	OccurredAt time.Time `json:"occurred_at"`
	Product    string    `json:"product"`
	Categories []string  `json:"categories"`
}

func generate(t *testing.T, n int, seed uint64) (values []string, contacts []contact) {
	t.Helper()
	seq, err := demo.Generate(n, seed)
	if err != nil {
		t.Fatal(err)
	}
	for m := range seq {
		var c contact
		if err := json.Unmarshal(m.Value, &c); err != nil {
			t.Fatal(err)
		}
		values, contacts = append(values, string(m.Value)), append(contacts, c)
	}
	return values, contacts
}

func TestTheSameSeedGivesTheSameContacts(t *testing.T) {
	a, _ := generate(t, 200, 1)
	b, _ := generate(t, 200, 1)
	c, _ := generate(t, 200, 2)
	if d := cmp.Diff(a, b); d != "" {
		t.Error(d)
	}
	if cmp.Equal(a, c) {
		t.Error("another seed gave the same contacts")
	}
}

func TestTheSequenceCanBeRunAgain(t *testing.T) {
	seq, err := demo.Generate(50, 1)
	if err != nil {
		t.Fatal(err)
	}
	var runs [2][]string
	for i := range runs {
		for m := range seq {
			runs[i] = append(runs[i], m.Topic+string(m.Value))
		}
	}
	if d := cmp.Diff(runs[0], runs[1]); d != "" {
		t.Error(d)
	}
}

func TestGeneratedContactsHaveARhythmAndASurge(t *testing.T) {
	_, contacts := generate(t, 8000, 1)
	var monday, sunday, surge, before int
	for _, c := range contacts {
		switch c.OccurredAt.Weekday() {
		case time.Monday:
			monday++
		case time.Sunday:
			sunday++
		default:
		}
		if c.Categories[0] == "技術窓口/battery" {
			if c.OccurredAt.After(demo.Last().AddDate(0, 0, -13)) {
				surge++
			} else {
				before++
			}
		}
	}
	if monday < 2*sunday {
		t.Errorf("%d on Mondays, %d on Sundays: no weekly rhythm", monday, sunday)
	}
	if surge < 2*before {
		t.Errorf("%d in the last two weeks, %d in the six before: no surge", surge, before)
	}
}
