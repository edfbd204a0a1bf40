package mask_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/mask"
	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/voc"
)

// site builds a masker with a site's folder over the built-in dictionary.
func site(t *testing.T, files map[string]string) (*mask.Masker, error) {
	t.Helper()
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	d, err := dict.New(dict.Builtin(), folder)
	if err != nil {
		t.Fatal(err)
	}
	words, err := morph.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return mask.New(d, words, mask.Keys{[]byte("a key of sixteen bytes or more")})
}

func TestSiteAddsPatternsAndNamesThatStay(t *testing.T) {
	m, err := site(t, map[string]string{
		"mask_names.tsv": "id\trole\twords\n" +
			"ours\tnever\t山田花子|コエ商店|03-1234-5678|info@koe.example\n" +
			"ours-too\tsurname\t土瓶川\n" +
			"-known-1\n",
		"mask_patterns.tsv": "id\tkind\tpattern\n" +
			"staff\taccount_or_member_id\t社内番号\\s*([A-Z]{2}-\\d{6})\n",
		"mask_cues.tsv": "id\trole\twords\nours\taccount\t腕輪番号\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"広報の山田花子様より":         "広報の山田花子様より",
		"コエ商店様の03-1234-5678": "コエ商店様の03-1234-5678",
		"info@koe.exampleへ":  "info@koe.exampleへ",
		"山田太郎様、03-1234-5679": "[氏名]様、[電話]",
		"土瓶川が対応":             "[氏名]が対応",
		"社内番号 ＡＢ－１２３４５６の人":   "社内番号 [番号]の人",
		"腕輪番号77123":          "腕輪番号[番号]",
	} {
		if got, _ := m.Text(voc.NewRaw(text)); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestSiteMistakesAreNamed(t *testing.T) {
	for want, files := range map[string]map[string]string{
		`mask_names.tsv line`:                     {"mask_names.tsv": "id\trole\twords\nx\tsurnames\t山田\n"},
		`unknown kind "phones"`:                   {"mask_patterns.tsv": "id\tkind\tpattern\nx\tphones\t1\n"},
		`no regular expression`:                   {"mask_patterns.tsv": "id\tkind\tpattern\nx\tphone\t(1\n"},
		`matches the empty text`:                  {"mask_patterns.tsv": "id\tkind\tpattern\nx\tphone\t\\d*\n"},
		`unknown role "titles"; write one of acc`: {"mask_cues.tsv": "id\trole\twords\nx\ttitles\t山田\n"},
	} {
		if _, err := site(t, files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one with %q", err, want)
		}
	}
}
