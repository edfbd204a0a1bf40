package erased_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/koe-voc/koe/pipeline/erased"
	"github.com/koe-voc/koe/pipeline/voc"
)

var key = bytes.Repeat([]byte{7}, 32)

func open(t *testing.T, keep erased.Retention, files ...string) *erased.Set {
	t.Helper()
	s, err := erased.Open(key, keep, files...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatIsHeld(t *testing.T) {
	noon := time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)
	rev := func(offset int64) voc.Revision { return voc.Revision{At: noon, Topic: "calls", Offset: offset} }
	tokyo := time.FixedZone("Asia/Tokyo", 9*3600)
	for _, c := range []struct {
		name string
		add  []erased.Entry
		days int
		ask  voc.Subject
		want bool
	}{
		{"nothing erased", nil, 0, voc.Subject{ID: "crm/1", At: noon}, false},
		{"by id, for ever", []erased.Entry{erased.Contact("crm/1")}, 0, voc.Subject{ID: "crm/1", At: noon.AddDate(9, 0, 0), Revision: rev(9)}, true},
		{"another id", []erased.Entry{erased.Contact("crm/1")}, 0, voc.Subject{ID: "crm/10", At: noon}, false},
		{"a tombstone holds what was before it", []erased.Entry{erased.ContactUntil("crm/1", rev(5))}, 0, voc.Subject{ID: "crm/1", Revision: rev(5)}, true},
		{"a tombstone lets in what comes after it, with an equal stamp too", []erased.Entry{erased.ContactUntil("crm/1", rev(5))}, 0, voc.Subject{ID: "crm/1", Revision: rev(6)}, false},
		{"of two tombstones the later one counts", []erased.Entry{erased.ContactUntil("crm/1", rev(5)), erased.ContactUntil("crm/1", rev(3))}, 0, voc.Subject{ID: "crm/1", Revision: rev(5)}, true},
		{"for ever is further than a tombstone", []erased.Entry{erased.Contact("crm/1"), erased.ContactUntil("crm/1", rev(3))}, 0, voc.Subject{ID: "crm/1", Revision: rev(5)}, true},
		{"a customer up to the time", []erased.Entry{erased.Customer("h1:aa", noon)}, 0, voc.Subject{ID: "crm/1", Customer: "h1:aa", At: noon.Add(-1)}, true},
		{"a customer who comes back", []erased.Entry{erased.Customer("h1:aa", noon)}, 0, voc.Subject{ID: "crm/1", Customer: "h1:aa", At: noon}, false},
		{"another customer", []erased.Entry{erased.Customer("h1:aa", noon)}, 0, voc.Subject{ID: "crm/1", Customer: "h1:ab", At: noon.Add(-1)}, false},
		{"by the hash of an older key", []erased.Entry{erased.Customer("h1:aa", noon)}, 0, voc.Subject{ID: "crm/1", Customer: "h2:bb", Before: []string{"h1:aa"}, At: noon.Add(-1)}, true},
		{"an id is no customer", []erased.Entry{erased.Customer("crm/1", noon)}, 0, voc.Subject{ID: "crm/1", At: noon.Add(-1)}, false},
		// Today is 5 October in Tokyo; two days are kept besides.
		{"the last day kept", nil, 2, voc.Subject{ID: "crm/1", At: time.Date(2026, 10, 3, 0, 0, 0, 0, tokyo)}, false},
		{"the day before", nil, 2, voc.Subject{ID: "crm/1", At: time.Date(2026, 10, 2, 23, 59, 59, 0, tokyo)}, true},
		{"a delete of unknown time is not too old", nil, 2, voc.Subject{ID: "crm/1"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := []string{filepath.Join(t.TempDir(), "state", "erased"), filepath.Join(t.TempDir(), "erased")}
			keep := erased.Retention{Days: c.days, Location: tokyo, Now: func() time.Time { return noon }}
			s := open(t, keep, files...)
			other := open(t, keep, files[1]) // another process, which sees the second file alone
			if len(c.add) > 0 {
				if err := s.Add(c.add...); err != nil {
					t.Fatal(err)
				}
			}
			if err := other.Refresh(); err != nil {
				t.Fatal(err)
			}
			for who, s := range map[string]*erased.Set{"the set": s, "another process": other, "a later process": open(t, keep, files...)} {
				if got := s.Holds(c.ask); got != c.want {
					t.Errorf("%s holds it: %v, want %v", who, got, c.want)
				}
			}
		})
	}
}

func TestTheFileNamesNobody(t *testing.T) {
	name := filepath.Join(t.TempDir(), "erased")
	if err := open(t, erased.Retention{}, name).Add(erased.Contact("crm/tanaka-1"), erased.Customer("h1:00aa11", time.Now())); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"crm", "tanaka", "00aa11"} {
		if strings.Contains(string(text), s) {
			t.Errorf("the file holds %s", s)
		}
	}
}

func TestAnotherKeyIsRefused(t *testing.T) {
	name := filepath.Join(t.TempDir(), "erased")
	if err := open(t, erased.Retention{}, name).Add(erased.Contact("crm/1")); err != nil {
		t.Fatal(err)
	}
	if _, err := erased.Open(bytes.Repeat([]byte{8}, 32), erased.Retention{}, name); err == nil || !strings.Contains(err.Error(), "key file that it was made with") {
		t.Errorf("opened with another key: %v", err)
	}
	if err := os.WriteFile(name, []byte("{broken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := erased.Open(key, erased.Retention{}, name); err == nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("opened a broken file: %v", err)
	}
}
