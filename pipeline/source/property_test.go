package source_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/koe-voc/koe/pipeline/source"
)

// What another writer writes as CSV is read back cell by cell.
func TestCSVRoundTrip(t *testing.T) {
	cell := rapid.StringOf(rapid.SampledFrom([]rune("あ声, \"\n\t'x1ｶ😀")))
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOf(rapid.SliceOfN(cell, 3, 3)).Draw(rt, "rows")
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		w.UseCRLF = rapid.Bool().Draw(rt, "crlf")
		var want []string
		_ = w.Write([]string{"a", "b", "c"})
		for _, row := range rows {
			_ = w.Write(row)
			want = append(want, strings.Join(row, "|"))
		}
		w.Flush()
		got, err := read(t, []string{write(t, "a.csv", text.Bytes())}, cells{}, source.FileOptions{}, nil)
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatal(d)
		}
	})
}
