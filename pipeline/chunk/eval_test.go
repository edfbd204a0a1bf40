package chunk_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/koe-voc/koe/pipeline/voc"
)

// goldSentence is a sentence of a treebank with its bunsetsu.
type goldSentence struct {
	text   string
	starts []int // byte at which each bunsetsu begins
	heads  []int // byte of the token of each bunsetsu that depends on another bunsetsu
	links  []int // bunsetsu that each depends on, −1: none
}

// readUD reads a CoNLL-U file with BunsetuBILabel in MISC. A bunsetsu depends on
// that which holds the head of its one token whose head lies outside.
func readUD(t testing.TB, path string) []goldSentence {
	t.Helper()
	data, err := os.ReadFile(filepath.Clean(path))
	if os.IsNotExist(err) {
		t.Skipf("no treebank at %s: nothing measured", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []goldSentence
	for block := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
		out = append(out, readUDSentence(t, block))
	}
	return out
}

func readUDSentence(t testing.TB, block string) goldSentence {
	t.Helper()
	var g goldSentence
	var at, bunsetsu, head []int
	for line := range strings.SplitSeq(block, "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		h, err := strconv.Atoi(f[6])
		if len(f) != 10 || err != nil {
			t.Fatalf("not CoNLL-U: %s", line)
		}
		if strings.Contains(f[9], "BunsetuBILabel=B") {
			g.starts = append(g.starts, len(g.text))
		}
		at = append(at, len(g.text))
		bunsetsu = append(bunsetsu, len(g.starts)-1)
		head = append(head, h-1)
		g.text += f[1]
		if !strings.Contains(f[9], "SpaceAfter=No") {
			g.text += " "
		}
	}
	g.heads = make([]int, len(g.starts))
	g.links = make([]int, len(g.starts))
	for i := range g.links {
		g.links[i] = -1
	}
	for i, b := range bunsetsu {
		if head[i] < 0 || bunsetsu[head[i]] != b {
			g.heads[b] = at[i]
			if head[i] >= 0 {
				g.links[b] = bunsetsu[head[i]]
			}
		}
	}
	return g
}

// score counts what a chunker gets right.
type score struct {
	found, gold, both  int // bunsetsu boundaries inside sentences
	links, right, next int // dependencies; right by the chunker, right if each goes to the next bunsetsu
}

func (s score) f1() float64 { return 2 * float64(s.both) / float64(s.found+s.gold) }

func (s score) accuracy() float64 { return float64(s.right) / float64(s.links) }

// add scores one sentence. A dependency is right if the bunsetsu found around
// its token depends on, or is, the one found around the token that it should
// depend on: a joint that the two sides cut differently (に|関する) counts right.
func (s *score) add(g goldSentence, r *voc.Record) {
	want := map[int]bool{}
	for _, b := range g.starts[1:] {
		want[b] = true
	}
	s.gold += len(want)
	at := make([]int, len(g.text)+1)
	for i, b := range r.Bunsetsu {
		from, to := r.Tokens[b.FromToken].Span.From, r.Tokens[b.ToToken-1].Span.To
		if from > 0 {
			s.found++
			if want[from] {
				s.both++
			}
		}
		for k := from; k < to; k++ {
			at[k] = i
		}
	}
	for i, link := range g.links {
		if link < 0 {
			continue
		}
		s.links++
		from, to := at[g.heads[i]], at[g.heads[link]]
		if from == to || r.Bunsetsu[from].Link == to {
			s.right++
		}
		if link == i+1 {
			s.next++
		}
	}
}

// readKNP reads a corpus in the form of KNP: "* 3D" opens a bunsetsu and tells
// the number of the one that it depends on.
func readKNP(t testing.TB, path string) []goldSentence {
	t.Helper()
	data, err := os.ReadFile(filepath.Clean(path))
	if os.IsNotExist(err) {
		t.Skipf("no treebank at %s: nothing measured", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []goldSentence
	var g goldSentence
	for line := range strings.SplitSeq(string(data), "\n") {
		f := strings.Split(line, " ") // not Fields: a surface may be a wide space
		switch {
		case line == "" || f[0] == "#" || f[0] == "+":
		case f[0] == "EOS":
			out = append(out, g)
			g = goldSentence{}
		case f[0] == "*" && len(f) >= 2:
			link, err := strconv.Atoi(strings.TrimRight(f[1], "DPIA"))
			if err != nil {
				t.Fatalf("not KNP: %s", line)
			}
			g.starts, g.heads, g.links = append(g.starts, len(g.text)), append(g.heads, len(g.text)), append(g.links, link)
		default:
			g.text += f[0]
		}
	}
	return out
}

// TestTreebanks measures against corpora that the rules are not made from. The
// two cut 〜という and 〜として differently.
func TestTreebanks(t *testing.T) {
	tests := []struct {
		name, path string
		read       func(testing.TB, string) []goldSentence
		f1, heads  float64 // what must be reached
	}{
		{"UD Japanese GSD, development part", "../../../shared/data/ja_gsd-ud-dev.ne.conllu", readUD, .95, .80},
		{"Wikipedia Annotated Corpus, development part", "../../../shared/data/wac_dev.knp", readKNP, .90, .80},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			sentences := test.read(t, test.path)
			st := newStages(t)
			var s score
			for _, g := range sentences {
				s.add(g, st.chunked(t, voc.FreeText, g.text))
			}
			t.Logf("%d sentences: bunsetsu boundaries F1 %.4f (precision %.4f, recall %.4f); head accuracy %.4f (next bunsetsu %.4f)",
				len(sentences), s.f1(), float64(s.both)/float64(s.found), float64(s.both)/float64(s.gold), s.accuracy(), float64(s.next)/float64(s.links))
			if s.f1() < test.f1 {
				t.Errorf("boundaries: F1 %.4f, want %.2f", s.f1(), test.f1)
			}
			if s.accuracy() < test.heads {
				t.Errorf("dependencies: accuracy %.4f, want %.2f", s.accuracy(), test.heads)
			}
		})
	}
}
