package decode_test

import (
	"bytes"
	"os"
	"testing"
)

// The records that filters are given are read, every one of them.
func TestSharedRecords(t *testing.T) {
	for file, want := range map[string]int{"voices-dev.jsonl": 80, "pii-dev.jsonl": 100, "asdc_dialogs.jsonl": 147} {
		data, err := os.ReadFile("../../../shared/data/" + file)
		if err != nil {
			t.Skip("no shared data:", err)
		}
		n := 0
		for line := range bytes.Lines(data) {
			if c := one(t, "filter", string(line)); c.Empty() || c.ID.Empty() {
				t.Errorf("%s, line %d holds nothing", file, n+1)
			}
			n++
		}
		if n != want {
			t.Errorf("%s: %d records, want %d", file, n, want)
		}
	}
}
