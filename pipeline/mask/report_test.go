package mask_test

import (
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/koe-voc/koe/pipeline/mask"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/voc"
)

var update = pipelinetest.UpdateFlag()

// marked is a sentence of testdata/sentences.txt: code points of text.
type marked struct {
	text   string
	marks  []mark
	tuning bool
}

// mark is what stands between braces: a kind and a form, or a decoy.
type mark struct {
	from, to int
	label    string // "phone/mobile", "decoy"
}

func sentences(t testing.TB) []marked {
	t.Helper()
	data, err := os.ReadFile("testdata/sentences.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []marked
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSuffix(line, "\n"); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		m := readMarked(t, line)
		h := fnv.New32a()
		h.Write([]byte(m.text))
		m.tuning = h.Sum32()%2 == 0
		out = append(out, m)
	}
	return out
}

func readMarked(t testing.TB, line string) marked {
	t.Helper()
	var m marked
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(line, "{")
		b.WriteString(before)
		if !found {
			break
		}
		inner, after, closed := strings.Cut(rest, "}")
		label, text, labelled := strings.Cut(inner, ":")
		if !closed || !labelled || text == "" {
			t.Fatalf("sentences.txt: braces of %q", line)
		}
		from := utf8.RuneCountInString(b.String())
		b.WriteString(text)
		m.marks = append(m.marks, mark{from, from + utf8.RuneCountInString(text), label})
		line = after
	}
	m.text = b.String()
	return m
}

// tally counts one part of the sentences.
type tally struct {
	found, of       map[string]int // by label
	chars, over     int
	decoys, touched int
	misses          []string
}

// covered marks the code points of a text that the masker masks.
func covered(m *mask.Masker, text string) []bool {
	_, spans := m.Text(voc.NewRaw(text))
	in := make([]bool, utf8.RuneCountInString(text))
	for _, s := range spans {
		for i := s.From; i < s.To; i++ {
			in[i] = true
		}
	}
	return in
}

func (c *tally) add(m *mask.Masker, s marked) {
	in := covered(m, s.text)
	personal := make([]bool, len(in))
	runes := []rune(s.text)
	for _, k := range s.marks {
		masked := 0
		for i := k.from; i < k.to; i++ {
			if in[i] {
				masked++
			}
			personal[i] = personal[i] || k.label != "decoy"
		}
		whole := masked == k.to-k.from
		if k.label == "decoy" {
			c.decoys++
			if masked > 0 {
				c.touched++
				c.misses = append(c.misses, "decoy "+string(runes[k.from:k.to])+": "+s.text)
			}
			continue
		}
		c.of[k.label]++
		if whole {
			c.found[k.label]++
		} else {
			c.misses = append(c.misses, k.label+" "+string(runes[k.from:k.to])+": "+s.text)
		}
	}
	c.chars += len(in)
	for i := range in {
		// A title or a bracket beside a name is no over-masking.
		near := false
		for j := max(0, i-2); j < min(len(in), i+3); j++ {
			near = near || personal[j]
		}
		if in[i] && !near {
			c.over++
		}
	}
}

// TestReport holds the masker's recall by kind and form and what it masks
// besides, on sentences written for it.
func TestReport(t *testing.T) {
	m := masker(t)
	parts := map[bool]*tally{true: {found: map[string]int{}, of: map[string]int{}}, false: {found: map[string]int{}, of: map[string]int{}}}
	kinds := map[string]bool{}
	for _, s := range sentences(t) {
		parts[s.tuning].add(m, s)
		for _, k := range s.marks {
			kinds[k.label] = true
		}
	}
	delete(kinds, "decoy")
	var b strings.Builder
	fmt.Fprintf(&b, "%-28s %9s %9s\n", "kind/form, found of all", "tune", "test")
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(&b, "%-28s %9s %9s\n", kind, parts[true].rate(kind), parts[false].rate(kind))
	}
	fmt.Fprintf(&b, "%-28s %9s %9s\n", "all", parts[true].rate(""), parts[false].rate(""))
	for _, row := range []struct {
		name string
		of   func(*tally) string
	}{
		{"decoys touched", func(c *tally) string { return fmt.Sprintf("%d/%d", c.touched, c.decoys) }},
		{"over-masked characters", func(c *tally) string { return fmt.Sprintf("%d/%d", c.over, c.chars) }},
	} {
		fmt.Fprintf(&b, "%-28s %9s %9s\n", row.name, row.of(parts[true]), row.of(parts[false]))
	}
	for _, miss := range parts[true].misses {
		t.Log(miss)
	}
	pipelinetest.Golden(t, *update, "report.txt", b.String())
}

// rate is the rate of the labels that begin with prefix.
func (c *tally) rate(prefix string) string {
	found, of := 0, 0
	for label, n := range c.of {
		if strings.HasPrefix(label, prefix) {
			of += n
			found += c.found[label]
		}
	}
	return fmt.Sprintf("%d/%d", found, of)
}
