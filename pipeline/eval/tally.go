package eval

import (
	"cmp"
	"slices"
	"strings"
)

// tally counts by class.
type tally map[string]*Count

func (t tally) at(name string) *Count {
	c := t[name]
	if c == nil {
		c = &Count{}
		t[name] = c
	}
	return c
}

// add counts two sets of labels and returns their sum.
func (t tally) add(gold, found []string) Count {
	var sum Count
	for _, g := range gold {
		if slices.Contains(found, g) {
			t.at(g).Right++
			sum.Right++
		} else {
			t.at(g).Missed++
			sum.Missed++
		}
	}
	for _, f := range found {
		if !slices.Contains(gold, f) {
			t.at(f).Spurious++
			sum.Spurious++
		}
	}
	return sum
}

// table lists the classes of order, or those that occur.
func (t tally) table(order []string) Table {
	if order == nil {
		for n := range t {
			order = append(order, n)
		}
		slices.Sort(order)
	}
	var out Table
	n := 0
	for _, name := range order {
		c := t.at(name)
		out.Micro.add(*c)
		out.Classes = append(out.Classes, Class{name, *c})
		if c.Right+c.Missed > 0 {
			n++
			out.Macro.Precision += c.Precision()
			out.Macro.Recall += c.Recall()
			out.Macro.F1 += c.F1()
		}
	}
	if n > 0 {
		out.Macro.Precision /= float64(n)
		out.Macro.Recall /= float64(n)
		out.Macro.F1 /= float64(n)
	}
	return out
}

// groups holds the score by the name of a channel, trap, industry or manner.
type groups map[string]*Group

func (g groups) add(name string, types, pairs Count, exactTypes, exactPairs bool) {
	if name == "" {
		return
	}
	x := g[name]
	if x == nil {
		x = &Group{Name: name}
		g[name] = x
	}
	one := Group{Records: 1, Types: types, Pairs: pairs, FoundVoices: pairs.Right + pairs.Spurious}
	one.ExactTypes.count(exactTypes)
	one.ExactPairs.count(exactPairs)
	x.join(one)
}

// join adds the counts of other.
func (g *Group) join(other Group) {
	g.Records += other.Records
	g.Types.add(other.Types)
	g.Pairs.add(other.Pairs)
	g.ExactTypes.add(other.ExactTypes)
	g.ExactPairs.add(other.ExactPairs)
	g.FoundVoices += other.FoundVoices
}

func (g groups) list() []Group {
	var out []Group
	for _, x := range g {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// confuse pairs what was missed with what was found too much in one record,
// the likest first: the same aspect counts more than the same type.
func confuse(conf map[[2]string][]string, id string, gold, found []string) {
	missed := slices.DeleteFunc(slices.Clone(gold), func(s string) bool { return slices.Contains(found, s) })
	extra := slices.DeleteFunc(slices.Clone(found), func(s string) bool { return slices.Contains(gold, s) })
	for want := 2; want > 0; want-- {
		for _, m := range slices.Clone(missed) {
			k := slices.IndexFunc(extra, func(e string) bool { return likeness(m, e) >= want })
			if k < 0 {
				continue
			}
			key := [2]string{m, extra[k]}
			conf[key] = append(conf[key], id)
			extra = slices.Delete(extra, k, k+1)
			missed = slices.DeleteFunc(missed, func(s string) bool { return s == m })
		}
	}
	for _, m := range missed {
		conf[[2]string{m, ""}] = append(conf[[2]string{m, ""}], id)
	}
	for _, e := range extra {
		conf[[2]string{"", e}] = append(conf[[2]string{"", e}], id)
	}
}

func likeness(a, b string) int {
	at, aa, _ := strings.Cut(a, "/")
	bt, ba, _ := strings.Cut(b, "/")
	n := 0
	if aa == ba {
		n = 2
	}
	if at == bt {
		n++
	}
	return n
}
