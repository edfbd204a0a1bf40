package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/koe-voc/koe/pipeline/pipelinetest"
)

var update = pipelinetest.UpdateFlag()

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
		pipelinetest.Golden(t, *update, "quality-"+part+".txt", report)
	}
}
