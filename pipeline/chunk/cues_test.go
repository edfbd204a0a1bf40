package chunk_test

import (
	"strings"
	"testing"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/voc"
)

// TestCuesAreReachable holds that the base forms of every cue are what tokens
// of real words have: those of its example, or of the word alone.
func TestCuesAreReachable(t *testing.T) {
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	table, err := d.Table("chunk_cues.tsv")
	if err != nil {
		t.Fatal(err)
	}
	a := analyzer(t)
	for _, row := range table.Rows {
		words := strings.Fields(row.Get("words"))
		texts := []string{row.Get("example")}
		if texts[0] == "" {
			if len(words) > 1 {
				t.Errorf("%s: a cue of several words has no example", row.ID())
				continue
			}
			texts = []string{words[0], words[0] + "した", words[0] + "です", words[0] + "が", "とても" + words[0]}
		}
		found := false
		for _, text := range texts {
			found = found || holds(a.Tokenize(text), words)
		}
		if !found {
			t.Errorf("%s: no token has the base form %s", row.ID(), row.Get("words"))
		}
	}
}

// holds reports whether the tokens have the base forms in a row.
func holds(tokens []voc.Token, words []string) bool {
	for i := range tokens {
		k := 0
		for k < len(words) && i+k < len(tokens) && tokens[i+k].Base == words[k] {
			k++
		}
		if k == len(words) {
			return true
		}
	}
	return false
}
