package source_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

// TestSharedData loads public files through the mapping files of testdata:
// every row is a contact, empty or dead, and the numbers are those that
// another CSV reader counts.
func TestSharedData(t *testing.T) {
	const data, mappings = "../../../shared/data", "../../testdata/mappings"
	if _, err := os.Stat(data); err != nil {
		t.Skipf("no shared data at %s: %v", data, err)
	}
	for _, tc := range []struct{ file, mapping, want string }{
		{"fukui_voc.tsv", "fukui_voc.yaml", "rows 13239 contacts 13239 empty 0 dead 0 ids 13239 turns 0 parts 13239"},
		{"fukui_survey_2024-05.csv", "fukui_survey.yaml", "rows 2927 contacts 1346 empty 1581 dead 0 ids 2927 turns 0 parts 3927"},
		{"fukui_civic_202601.cp932.csv", "fukui_civic.yaml", "rows 971 contacts 820 empty 151 dead 0 ids 971 turns 0 parts 5769"},
		{"asdc_dialogs.jsonl", "asdc.yaml", "rows 147 contacts 147 empty 0 dead 0 ids 147 turns 7538 parts 0"},
	} {
		t.Run(tc.mapping, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(mappings, tc.mapping))
			if err != nil {
				t.Fatal(err)
			}
			m, err := decode.ParseMapping(tc.mapping, text)
			if err != nil {
				t.Fatal(err)
			}
			d, err := decode.New(decode.Options{Default: decode.Contact})
			if err != nil {
				t.Fatal(err)
			}
			if got := count(t, filepath.Join(data, tc.file), m, d); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func count(t *testing.T, path string, m *decode.Mapping, d *decode.Decoder) string {
	t.Helper()
	l := m.Layout()
	f, err := source.NewFiles([]string{path}, m, source.FileOptions{Encoding: l.Encoding, Sheet: l.Sheet, SkipRows: l.SkipRows})
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var rows, contacts, empty, dead, turns, parts int
	ids := map[string]bool{}
	if err := s.Read(t.Context(), nil, func(msg voc.Message) error {
		rows++
		changes, err := d.Decode(msg)
		switch {
		case err != nil:
			dead++
			t.Logf("%v: %v", msg.Offset, err)
		case len(changes) == 0:
			empty++
		default:
			c := changes[0].Contact
			ids[c.ID.Reveal()] = true
			turns += len(c.Turns)
			parts += len(c.Parts)
			if c.Empty() {
				empty++
			} else {
				contacts++
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("rows %d contacts %d empty %d dead %d ids %d turns %d parts %d", rows, contacts, empty, dead, len(ids), turns, parts)
}
