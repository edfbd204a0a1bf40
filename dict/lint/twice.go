package lint

import (
	"strings"

	"github.com/koe-voc/koe/dict"
)

// The names of the checks.
const (
	duplicate     = "duplicate"
	contradiction = "contradiction"
	unreachable   = "unreachable"
	lookAlike     = "look-alike"
)

// meaning is what an entry says, apart from its word: main must not differ
// between entries of one word, nor may the rest without being of no use.
type meaning struct{ main, rest, weight string }

func aspectMeaning(r dict.Row) meaning {
	w := r.Get("weight")
	if w == "" {
		w = "1"
	}
	return meaning{r.Get("aspect"), r.Get("sub") + "\t" + r.Get("touchpoint"), w}
}

func evaluationMeaning(r dict.Row) meaning {
	return meaning{sign(r.Get("polarity")) + r.Get("aspect"), r.Get("negated") + "\t" + r.Get("beside") + "\t" + r.Get("quality") + "\t" + r.Get("pos"), r.Get("polarity")}
}

func procedureMeaning(r dict.Row) meaning {
	return meaning{r.Get("aspect"), r.Get("firm"), ""}
}

// sign is that of a polarity: −1 and −2 do not contradict each other.
func sign(polarity string) string {
	switch {
	case strings.HasPrefix(polarity, "-"):
		return "- "
	case polarity == "" || polarity == "0":
		return "0 "
	}
	return "+ "
}

// terms finds words that stand in several rows of a table of which one match
// counts at a place: only one of them is ever used.
func (c *checker) terms(t *dict.Table, of func(dict.Row) meaning) {
	first := map[string]dict.Row{}
	for _, r := range t.Rows {
		here := map[string]bool{}
		for word := range strings.SplitSeq(r.Get("term"), "|") {
			word = strings.ToLower(strings.TrimSpace(word))
			if here[word] {
				c.add(t, r, Warning, duplicate, "remove one of the two", "%q stands twice in it", word)
				continue
			}
			here[word] = true
			o, ok := first[word]
			if !ok {
				first[word] = r
				continue
			}
			a, b := of(o), of(r)
			switch {
			case a == b:
				c.add(t, r, Warning, duplicate, "remove one of the two", "%q stands in %s already and says the same", word, o.ID())
			case a.main != b.main && a.weight == b.weight:
				c.add(t, r, Error, contradiction, "keep the one that is right", "%q says %s, in %s it says %s", word, strings.TrimSpace(b.main), o.ID(), strings.TrimSpace(a.main))
			default:
				c.add(t, r, Error, unreachable, "make one entry of the two", "%q stands in %s already; only one of them is ever found", word, o.ID())
			}
		}
	}
}

func rowScope(r dict.Row) string { return r.ID() }

func tableScope(dict.Row) string { return "" }

// once finds words that stand twice where once would do.
func (c *checker) once(t *dict.Table, column string, split func(string) []string, scope func(dict.Row) string) {
	type key struct{ scope, word string }
	first := map[key]dict.Row{}
	for _, r := range t.Rows {
		for _, word := range split(r.Get(column)) {
			if word = strings.TrimSpace(word); word == "" {
				continue
			}
			k := key{scope(r), word}
			o, ok := first[k]
			switch {
			case !ok:
				first[k] = r
			case o.ID() == r.ID():
				c.add(t, r, Warning, duplicate, "remove one of the two", "%q stands twice in it", word)
			default:
				c.add(t, r, Warning, duplicate, "remove it from one of the two", "%q stands in %s already", word, o.ID())
			}
		}
	}
}
