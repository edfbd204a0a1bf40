package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the goldens anew")

// What koe eval says of the parts of the corpus that no model was trained on
// is a golden: a change of quality shows as a diff. The line of the definitions
// is left out, as any edit of the dictionary changes it.
func TestQuality(t *testing.T) {
	for _, part := range []string{"tune", "test"} {
		var out, errs bytes.Buffer
		if code := run([]string{"eval", "--part", part}, strings.NewReader(""), &out, &errs); code != 0 {
			t.Fatalf("koe eval ends with %d: %s", code, errs.String())
		}
		_, report, _ := strings.Cut(out.String(), "\n")
		path := filepath.Join("testdata", "quality", part+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(report), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), report); d != "" {
			t.Errorf("part %s: run with -update if the change is meant (-want +got):\n%s", part, d)
		}
	}
}
