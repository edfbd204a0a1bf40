package weekly

import (
	"cmp"
	"slices"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// others is the product of what was folded: the word of the trade for the rest.
const others = "その他"

// reportProducts lists products by contacts; those below the minimum are one row.
func (t *tally) reportProducts(rep *Report) {
	var rest product
	folded := false
	row := func(name string, p *product) Product {
		of := func(typ voc.Type) int { return get(p.byType, typ)[0] }
		return Product{
			Product: name, Count: t.count(p.contacts), Complaints: of(voc.Complaint), Expectations: of(voc.Expectation), Praises: of(voc.Praise),
			Inquiries: of(voc.Inquiry), ComplaintsPM: rate(get(p.byType, voc.Complaint), p.contacts, 1000),
		}
	}
	for name, p := range t.products {
		switch {
		case p.contacts[0] >= t.o.MinContacts:
			rep.Products = append(rep.Products, row(name, p))
		case p.contacts[0] > 0:
			folded = true
			addTo(&rest.contacts, p.contacts)
			if rest.byType == nil {
				rest.byType = map[voc.Type]*series{}
			}
			for typ, s := range p.byType {
				addTo(at(rest.byType, typ), *s)
			}
		}
	}
	slices.SortFunc(rep.Products, func(a, b Product) int {
		return cmp.Or(cmp.Compare(b.Now, a.Now), cmp.Compare(a.Product, b.Product))
	})
	if folded {
		rep.Products = append(rep.Products, row(others, &rest))
	}
}

func addTo(to *series, s series) {
	for i := range s {
		to[i] += s[i]
	}
}

// reportTopics lists the topics of the week by contacts, the folded ones last.
func (t *tally) reportTopics(rep *Report) {
	rest := map[topicKey]*topic{}
	for k, x := range t.topics {
		n := len(x.contacts[0])
		switch {
		case n == 0:
			continue
		case n >= t.o.MinContacts:
			rep.Withheld += x.withheld
			rep.Topics = append(rep.Topics, t.topic(k, x))
			continue
		}
		rep.Folded++
		// A small product would tell what a small topic may not.
		if t.products[k.product].contacts[0] < t.o.MinContacts {
			k.product = others
		}
		r := at(rest, topicKey{product: k.product, typ: k.typ})
		r.voices += x.voices
		for i := range x.contacts {
			r.contacts[i] = append(r.contacts[i], x.contacts[i]...)
		}
	}
	slices.SortFunc(rep.Topics, byCount)
	var folded []Topic
	for k, x := range rest {
		for i := range x.contacts {
			slices.Sort(x.contacts[i])
			x.contacts[i] = slices.Compact(x.contacts[i])
		}
		folded = append(folded, t.topic(k, x))
	}
	slices.SortFunc(folded, byCount)
	rep.Topics = append(rep.Topics, folded...)
	for i := range rep.Topics {
		rep.Topics[i].Rank = i + 1
	}
}

// byCount orders by contacts, then by what grew, then by the taxonomy.
func byCount(a, b Topic) int {
	mean := func(t Topic) float64 {
		if t.Mean == nil {
			return 0
		}
		return *t.Mean
	}
	return cmp.Or(cmp.Compare(b.Now, a.Now), cmp.Compare(mean(a), mean(b)),
		cmp.Compare(slices.Index(voc.Types(), a.Type), slices.Index(voc.Types(), b.Type)),
		cmp.Compare(slices.Index(voc.Aspects(), a.Aspect), slices.Index(voc.Aspects(), b.Aspect)),
		cmp.Compare(a.Product, b.Product), cmp.Compare(a.Target, b.Target))
}

func (t *tally) topic(k topicKey, x *topic) Topic {
	var s series
	for i := range x.contacts {
		s[i] = len(x.contacts[i])
	}
	out := Topic{
		Product: k.product, Type: k.typ, Aspect: k.aspect, Target: k.target, Count: t.count(s), Voices: x.voices,
		Share: float64(s[0]) / float64(max(1, t.contacts[0])), Quotes: x.quotes,
	}
	if !x.first.IsZero() {
		out.FirstSeen, out.Earlier = x.first.Format(time.DateOnly), x.week == t.oldest
		out.New = x.week == 0 && !out.Earlier
	}
	return out
}
