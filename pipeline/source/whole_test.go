package source_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/pipeline/source"
)

func TestWholeFilesAndMailboxes(t *testing.T) {
	long := strings.Repeat("x", source.MaxRow+10)
	for name, tc := range map[string]struct {
		file, in string
		want     []string
	}{
		"a mail":              {"a.eml", "Subject: \x1b$B\r\n\r\nx\r\n\r\n", []string{"Subject: \x1b$B\r\n\r\nx\r\n\r\n"}},
		"empty":               {"a.eml", "", []string{""}},
		"too long":            {"a.eml", long, []string{long[:source.MaxRow+1]}},
		"a mailbox":           {"a.mbox", "From a@b Mon Oct  5\nA: 1\n\nx\n>From here\n>>From there\nFrom me\n\nFrom c@d Mon Oct  5\nA: 2\n\ny", []string{"A: 1\n\nx\nFrom here\n>From there\nFrom me\n\n", "A: 2\n\ny"}},
		"an empty mailbox":    {"a.mbox", "\n\n", nil},
		"no mailbox":          {"a.mbox", "A: 1\n\nx\n", []string{"A: 1\n\nx\n"}},
		"a mail that is long": {"a.mbox", "From a\n" + long + "\n\nFrom b\ny\n", []string{long[:source.MaxRow+1], "y\n"}},
	} {
		got, err := read(t, []string{write(t, tc.file, []byte(tc.in))}, nil, source.FileOptions{}, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for i := range got {
			got[i] = got[i][:min(len(got[i]), source.MaxRow+1)]
		}
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%s: %.500s", name, d)
		}
	}
	if _, err := source.NewFiles([]string{"a.eml"}, cells{}, source.FileOptions{}); err == nil || !strings.Contains(err.Error(), "mapping") {
		t.Errorf("a mapping for a mail: %v", err)
	}
}
