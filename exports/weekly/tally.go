package weekly

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// series counts by week: the week itself, the week before, and so on.
type series [compared]int

// topicKey is what makes a topic.
type topicKey struct {
	product string
	typ     voc.Type
	aspect  voc.Aspect
	target  string
}

type topic struct {
	contacts [compared][]int32 // numbers of contacts, so that folded topics can be joined
	voices   int
	first    time.Time // day
	week     int       // of first, counted back from the week
	quotes   []Quote
	withheld int
}

type pair struct {
	typ    voc.Type
	aspect voc.Aspect
}

type product struct {
	contacts series
	byType   map[voc.Type]*series
}

// tally is what Build counts into.
type tally struct {
	o            Options
	monday       time.Time
	n            int32 // number of the contact that is counted
	oldest       int   // week of the oldest contact
	contacts     series
	voiced       series
	voices       series
	unclassified series
	decided      series // contacts that are not 声なし
	types        map[voc.Type]*series
	pairs        map[pair]*series
	products     map[string]*product
	channels     map[string]*series
	risks        map[string]*series
	definitions  map[string]*series
	topics       map[topicKey]*topic
}

func newTally(o Options) *tally {
	return &tally{
		o: o, monday: o.Week.Monday(), types: map[voc.Type]*series{}, pairs: map[pair]*series{}, products: map[string]*product{},
		channels: map[string]*series{}, risks: map[string]*series{}, definitions: map[string]*series{}, topics: map[topicKey]*topic{},
	}
}

func at[K comparable, V any](m map[K]*V, k K) *V {
	v := m[k]
	if v == nil {
		v = new(V)
		m[k] = v
	}
	return v
}

// add counts a contact. One without words holds the figures of another whose
// words a second source has, and would count it twice.
func (t *tally) add(r *voc.Record) {
	if r.Text == "" && len(r.Voices) == 0 {
		return
	}
	day := r.Day(t.o.Location)
	week := int(t.monday.Sub(day)+7*24*time.Hour-1) / int(7*24*time.Hour) // 0: the week, 1: the week before
	if day.After(t.o.Week.Sunday()) || week > t.o.History {
		return // the source gave more than was asked for
	}
	t.n++
	t.oldest = max(t.oldest, week)
	t.addTopics(r, day, week)
	if week >= compared {
		return
	}
	t.contacts[week]++
	t.voices[week] += len(r.Voices)
	if len(r.Voices) > 0 {
		t.voiced[week]++
	}
	if len(r.Unclassified) > 0 {
		t.unclassified[week]++
	}
	if len(r.Voices)+len(r.Unclassified) > 0 {
		t.decided[week]++
	}
	at(t.channels, string(r.Channel))[week]++
	at(t.definitions, r.Definition)[week]++
	p := at(t.products, r.Product)
	p.contacts[week]++
	if p.byType == nil {
		p.byType = map[voc.Type]*series{}
	}
	types, pairs, risks := map[voc.Type]bool{}, map[pair]bool{}, map[string]bool{}
	for i := range r.Voices {
		types[r.Voices[i].Type] = true
		pairs[pair{r.Voices[i].Type, r.Voices[i].Aspect}] = true
	}
	for _, f := range r.Risks {
		risks[f.Name] = true
	}
	for k := range types {
		at(t.types, k)[week]++
		at(p.byType, k)[week]++
	}
	for k := range pairs {
		at(t.pairs, k)[week]++
	}
	for k := range risks {
		at(t.risks, k)[week]++
	}
}

// addTopics counts a contact's voices by topic and takes quotes of the week.
func (t *tally) addTopics(r *voc.Record, day time.Time, week int) {
	for i := range r.Voices {
		v := &r.Voices[i]
		target := strings.TrimSpace(v.Target)
		if placeholder.MatchString(target) {
			target = ""
		}
		x := at(t.topics, topicKey{r.Product, v.Type, v.Aspect, target})
		if x.first.IsZero() || day.Before(x.first) {
			x.first, x.week = day, week
		}
		if week >= compared {
			continue
		}
		if n := len(x.contacts[week]); n == 0 || x.contacts[week][n-1] != t.n {
			x.contacts[week] = append(x.contacts[week], t.n)
		}
		if week == 0 {
			x.voices++
			t.quote(x, r, v, day)
		}
	}
}

// quote keeps the best quotes of a topic: the most certain, then the newest.
func (t *tally) quote(x *topic, r *voc.Record, v *voc.Voice, day time.Time) {
	if t.o.Quotes == 0 {
		return
	}
	text := quote(r, v.Evidence, t.o.QuoteRunes)
	if text == "" {
		return
	}
	if !t.o.Sensitive && sensitive(r) {
		x.withheld++
		return
	}
	q := Quote{RecordID: r.ID, Text: text, Channel: r.Channel, Day: day.Format(time.DateOnly), Rule: v.Rule, confidence: v.Confidence, at: r.OccurredAt}
	for i, o := range x.quotes {
		if o.RecordID == q.RecordID || o.Text == q.Text {
			if better(q, o) < 0 {
				x.quotes[i] = q
				slices.SortFunc(x.quotes, better)
			}
			return
		}
	}
	x.quotes = append(x.quotes, q)
	slices.SortFunc(x.quotes, better)
	x.quotes = x.quotes[:min(len(x.quotes), t.o.Quotes)]
}

func better(a, b Quote) int {
	return cmp.Or(cmp.Compare(b.confidence, a.confidence), b.at.Compare(a.at), cmp.Compare(a.RecordID, b.RecordID), cmp.Compare(a.Text, b.Text))
}

// sensitive reports whether a contact speaks of a body, a leak or a person's
// need: words that few should read (要配慮個人情報).
func sensitive(r *voc.Record) bool {
	return slices.ContainsFunc(r.Risks, func(f voc.Flag) bool { return f.Name == "injury" || f.Name == "privacy" }) ||
		slices.ContainsFunc(r.Signals, func(f voc.Flag) bool { return f.Name == "vulnerable" })
}

// count compares a series with the weeks that have contacts.
func (t *tally) count(s series) Count {
	c := Count{Now: s[0]}
	if t.contacts[1] > 0 {
		c.Last = &s[1]
	}
	sum, weeks := 0, 0
	for i := 1; i < compared; i++ {
		if t.contacts[i] > 0 {
			sum += s[i]
			weeks++
		}
	}
	if weeks > 0 {
		mean := float64(sum) / float64(weeks)
		c.Mean = &mean
	}
	return c
}

// rate compares scale·part/whole, the four weeks pooled.
func rate(part, whole series, scale float64) Rate {
	one := func(p, w int) *float64 {
		if w == 0 {
			return nil
		}
		v := scale * float64(p) / float64(w)
		return &v
	}
	p, w := 0, 0
	for i := 1; i < compared; i++ {
		p, w = p+part[i], w+whole[i]
	}
	return Rate{one(part[0], whole[0]), one(part[1], whole[1]), one(p, w)}
}

func get[K comparable](m map[K]*series, k K) series {
	if s := m[k]; s != nil {
		return *s
	}
	return series{}
}

// report orders what was counted.
func (t *tally) report() *Report {
	rep := &Report{
		Summary: Summary{
			Contacts: t.count(t.contacts), Voiced: t.count(t.voiced), Voices: t.count(t.voices),
			Complaints: t.count(get(t.types, voc.Complaint)), Expectations: t.count(get(t.types, voc.Expectation)),
			Praises: t.count(get(t.types, voc.Praise)), Inquiries: t.count(get(t.types, voc.Inquiry)),
			ComplaintsPM: rate(get(t.types, voc.Complaint), t.contacts, 1000), Unclassified: rate(t.unclassified, t.decided, 1),
		},
	}
	for _, a := range voc.Aspects() {
		of := func(typ voc.Type) Count { return t.count(get(t.pairs, pair{typ, a})) }
		rep.Aspects = append(rep.Aspects, Aspect{a, of(voc.Complaint), of(voc.Expectation), of(voc.Praise), of(voc.Inquiry)})
	}
	for _, c := range voc.Channels() {
		if s := get(t.channels, string(c)); s != (series{}) {
			rep.Channels = append(rep.Channels, Named{string(c), t.count(s)})
		}
	}
	for _, k := range voc.Risks() {
		rep.Risks = append(rep.Risks, Named{k, t.count(get(t.risks, k))})
	}
	for _, v := range slices.Sorted(maps.Keys(t.definitions)) {
		s := get(t.definitions, v)
		rep.Definitions = append(rep.Definitions, Definition{v, s[:]})
	}
	rep.Break = len(rep.Definitions) > 1
	t.reportProducts(rep)
	t.reportTopics(rep)
	return rep
}
